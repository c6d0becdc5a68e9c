(() => {
  "use strict";
  const root = document.documentElement;
  const page = () => document.getElementById("page");
  const refresh = () => Number(page().dataset.refresh || 0) * 1000;
  let skew = 0;          // server clock − this clock, in ms
  let failures = 0;
  let since = Date.now(); // last time the server answered
  let timer = 0;
  let over = false;
  root.classList.add("js");

  /* Ages: counted here, from the instants that were served. */
  const STEPS = [[31557600, "y"], [2629800, "mo"], [604800, "wk"], [86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const span = (seconds) => {
    const [size, unit] = STEPS.find(([size]) => seconds >= size) || STEPS[6];
    return `${Math.floor(seconds / size)} ${unit}`;
  };
  const age = (scope) => {
    for (const time of scope.querySelectorAll("time[data-age]")) {
      const seconds = Math.max(0, (Date.now() + skew - Date.parse(time.dateTime)) / 1000);
      const text = `${span(seconds)} ago`;
      if (time.textContent !== text) time.textContent = text;
    }
  };

  /* The touchpoints' names stick under the stages' heads, however tall these are. */
  const measure = () => {
    for (const [name, heads] of [["--stage-h", ".stage-head"], ["--touch-h", ".touch-head"]]) {
      let tallest = 0;
      for (const head of document.querySelectorAll(heads)) tallest = Math.max(tallest, head.getBoundingClientRect().height);
      root.style.setProperty(name, `${tallest}px`);
    }
  };

  /* The strip shows where one is. */
  let watcher = null;
  const watch = () => {
    if (watcher) watcher.disconnect();
    const stages = document.querySelector(".stages");
    if (!stages || !("IntersectionObserver" in window)) return;
    watcher = new IntersectionObserver((entries) => {
      for (const entry of entries) {
        const link = document.querySelector(`.strip a[href="#${CSS.escape(entry.target.id)}"]`);
        if (!link) continue;
        if (entry.isIntersecting) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    }, { rootMargin: "0px -49.9%" });
    for (const stage of stages.children) watcher.observe(stage);
  };

  /* Bring the page to the new state in place: what is equal stays, and with it focus, scroll and open panels. */
  const news = [];
  const changed = (was, now) => {
    if (shown !== at) return; // another time is no news
    now.classList.add("flash");
    if (was.dataset.standing === now.dataset.standing) return;
    const text = (scope, part) => scope.querySelector(part)?.textContent || "";
    const place = now.closest(".touch")?.querySelector("h3")?.textContent || "";
    news.push(`${place} ${text(now, ".chip-name")}: ${text(now, ".sign .word")}`.trim());
  };
  const sync = (was, now) => {
    if (was.isEqualNode(now)) return;
    const whole = was.nodeType !== 1 || was.nodeName !== now.nodeName || was.namespaceURI !== root.namespaceURI
      || was.childNodes.length !== now.childNodes.length || was.matches(".chip");
    if (whole) {
      const next = document.importNode(now, true);
      was.replaceWith(next);
      if (was.nodeType === 1 && was.matches(".chip") && next.matches(".chip")) changed(was, next);
      return;
    }
    for (const { name } of [...was.attributes]) if (!now.hasAttribute(name)) was.removeAttribute(name);
    for (const { name, value } of now.attributes) if (was.getAttribute(name) !== value) was.setAttribute(name, value);
    [...was.childNodes].forEach((child, i) => sync(child, now.childNodes[i]));
  };
  const take = (text) => {
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("page");
    if (!fresh) throw new Error("not a map");
    for (const flashed of document.querySelectorAll(".flash")) {
      flashed.classList.remove("flash");
      if (!flashed.className) flashed.removeAttribute("class");
    }
    const here = document.querySelectorAll(".strip [aria-current]");
    for (const link of here) link.removeAttribute("aria-current");
    say("");
    age(page());
    age(fresh);
    const tidings = document.getElementById("news");
    tidings.textContent = "";
    sync(page(), fresh);
    for (const link of here) if (link.isConnected) link.setAttribute("aria-current", "true");
    if (news.length) document.getElementById("news").textContent = news.splice(0).join(". ");
    measure();
    watch();
  };

  /* Honest about the connection. */
  const say = (text) => {
    const line = document.querySelector(".lost");
    const dot = document.querySelector(".pulse");
    if (line) { line.textContent = text; line.hidden = !text; }
    if (dot) dot.classList.toggle("live", !text);
  };
  const lost = () => {
    if (over) say("This view has ended; what you see is its last state.");
    else if (failures) say(`Connection lost ${span((Date.now() - since) / 1000)} ago, trying again`);
  };

  /* Travel: the page as of another instant. What was fetched is kept, and asked for again conditionally. */
  let at = new URLSearchParams(location.search).get("as_of") || "";
  let shown = at;
  const known = new Map([[at, { etag: page().dataset.etag || "", text: "" }]]);
  const keep = (when, etag, text) => {
    known.delete(when);
    known.set(when, { etag, text });
    if (known.size > 50) known.delete(known.keys().next().value);
  };
  const address = (when) => {
    const url = new URL(location.href);
    url.hash = "";
    if (when) url.searchParams.set("as_of", when);
    else url.searchParams.delete("as_of");
    return url.href;
  };
  const slider = () => document.getElementById("when");
  const stops = () => [...document.querySelectorAll(".stops a")];
  const tell = (here) => {
    const text = stops()[here]?.textContent || "now";
    slider().setAttribute("aria-valuetext", text);
    document.querySelector(".when").textContent = text;
    document.querySelector(".to-now").hidden = !stops()[here];
  };
  const place = () => {
    const range = slider();
    if (!range) return;
    const found = stops();
    const passed = found.filter((one) => Date.parse(one.dataset.at) <= Date.parse(at)).length;
    const here = at ? Math.max(0, passed - 1) : found.length;
    range.max = found.length;
    range.value = here;
    page().classList.toggle("past", Boolean(at));
    tell(here);
  };
  const go = (when) => {
    at = when;
    history.replaceState(null, "", address(when) + location.hash);
    round();
  };

  const ask = async () => {
    const wanted = at;
    const had = known.get(wanted);
    try {
      const headers = { Accept: "text/html" };
      if (had?.etag && (had.text || shown === wanted)) headers["If-None-Match"] = had.etag;
      const answer = await fetch(address(wanted), { headers, cache: "no-store", credentials: "same-origin" });
      if (wanted !== at) return;
      if ([401, 403, 404, 410].includes(answer.status)) {
        if (!wanted) over = true;
        else say("The map cannot be shown as of then");
        return;
      }
      if (answer.status !== 304 && !answer.ok) throw new Error(String(answer.status));
      const date = Date.parse(answer.headers.get("Date") || "");
      if (!Number.isNaN(date)) skew = Math.abs(date - Date.now()) > 2000 ? date - Date.now() : 0;
      if (answer.status !== 304) {
        const text = await answer.text();
        if (wanted !== at) return;
        keep(wanted, answer.headers.get("ETag") || "", text);
        take(text);
      } else if (shown !== wanted) take(had.text);
      shown = wanted;
      failures = 0;
      since = Date.now();
      say("");
    } catch {
      failures += 1;
    }
  };
  const next = () => {
    clearTimeout(timer);
    if (!refresh() || over || at || document.hidden) return;
    timer = setTimeout(round, Math.min(refresh() * 2 ** failures, Math.max(refresh(), 60000)));
  };
  const round = async () => {
    clearTimeout(timer);
    await ask();
    if (pause === 0) place();
    lost();
    next();
  };
  let pause = 0;
  document.addEventListener("input", (event) => {
    if (event.target.id !== "when") return;
    const here = Number(event.target.value);
    tell(here);
    clearTimeout(pause);
    pause = setTimeout(() => { pause = 0; go(stops()[here]?.dataset.at || ""); }, 150);
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".to-now")) return;
    go("");
    slider().focus();
  });

  /* A touchpoint's story beside it, while pointer or focus rests there; a click or Enter opens its panel. */
  const peek = document.body.appendChild(document.createElement("div"));
  peek.className = "peek";
  peek.hidden = true;
  peek.setAttribute("aria-hidden", "true"); // for eyes: the panel says the same to all
  let waiting = 0;
  const roomy = matchMedia("(min-width: 700px)");
  const spot = (target) => target.closest?.(".touch-head, .touch .chip");
  const hide = () => { clearTimeout(waiting); peek.hidden = true; };
  const reveal = (where) => {
    const opener = where.closest(".touch").querySelector(".opener");
    const panel = opener && document.getElementById(opener.getAttribute("popovertarget"));
    if (!panel || document.querySelector(".drawer:popover-open")) return;
    const told = [...panel.children].filter((one) => !one.matches(".close"));
    peek.replaceChildren(...told.map((one) => one.cloneNode(true)));
    for (const one of peek.querySelectorAll("[id]")) one.removeAttribute("id");
    for (const one of peek.querySelectorAll("a, button")) one.tabIndex = -1;
    peek.hidden = false;
    peek.scrollTop = 0;
    const box = where.getBoundingClientRect();
    const beside = box.right + 8 + peek.offsetWidth <= innerWidth;
    const left = beside ? box.right + 8 : box.left - 8 - peek.offsetWidth;
    peek.style.left = `${Math.max(8, Math.min(left, innerWidth - peek.offsetWidth - 8))}px`;
    peek.style.top = `${Math.max(8, Math.min(box.top, innerHeight - peek.offsetHeight - 8))}px`;
  };
  const rest = (where) => {
    clearTimeout(waiting);
    waiting = where && roomy.matches ? setTimeout(() => reveal(where), 450) : setTimeout(hide, 250);
  };
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse") return;
    if (peek.contains(event.target)) clearTimeout(waiting);
    else rest(spot(event.target));
  });
  document.addEventListener("focusin", (event) => {
    if (event.target.matches(".touch .opener:focus-visible")) rest(spot(event.target));
    else if (!peek.contains(event.target)) hide();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  document.addEventListener("toggle", hide, true);
  document.addEventListener("scroll", (event) => { if (event.target !== peek) hide(); }, true);
  document.addEventListener("click", (event) => {
    hide();
    const chip = event.target.closest(".touch .chip");
    if (chip && !event.target.closest("a") && !getSelection().toString()) chip.closest(".touch").querySelector(".opener")?.click();
  });

  age(document);
  measure();
  watch();
  place();
  setInterval(() => {
    if (document.hidden) return;
    age(document);
    lost();
  }, 1000);
  addEventListener("resize", measure);
  const back = () => (document.hidden || !refresh() || over || at ? next() : round());
  document.addEventListener("visibilitychange", back);
  addEventListener("online", () => { if (refresh() && !over) round(); });
  next();
})();
