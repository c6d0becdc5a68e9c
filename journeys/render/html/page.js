(() => {
  "use strict";
  const root = document.documentElement;
  const page = () => document.getElementById("page");
  const refresh = Number(page().dataset.refresh) * 1000;
  let etag = page().dataset.etag || "";
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

  const ask = async () => {
    try {
      const headers = { Accept: "text/html" };
      if (etag) headers["If-None-Match"] = etag;
      const answer = await fetch(location.href.split("#")[0], { headers, cache: "no-store", credentials: "same-origin" });
      if ([401, 403, 404, 410].includes(answer.status)) { over = true; return; }
      if (answer.status !== 304 && !answer.ok) throw new Error(String(answer.status));
      const date = Date.parse(answer.headers.get("Date") || "");
      if (!Number.isNaN(date)) skew = Math.abs(date - Date.now()) > 2000 ? date - Date.now() : 0;
      if (answer.status !== 304) {
        take(await answer.text());
        etag = answer.headers.get("ETag") || "";
      }
      failures = 0;
      since = Date.now();
      say("");
    } catch {
      failures += 1;
    }
  };
  const next = () => {
    clearTimeout(timer);
    if (!refresh || over || document.hidden) return;
    timer = setTimeout(round, Math.min(refresh * 2 ** failures, Math.max(refresh, 60000)));
  };
  const round = async () => {
    await ask();
    lost();
    next();
  };

  age(document);
  measure();
  watch();
  setInterval(() => {
    if (document.hidden) return;
    age(document);
    lost();
  }, 1000);
  addEventListener("resize", measure);
  document.addEventListener("visibilitychange", () => (document.hidden || !refresh || over ? next() : round()));
  addEventListener("online", () => { if (refresh && !over) round(); });
  next();
})();
