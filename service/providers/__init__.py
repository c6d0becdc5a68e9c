"""Who posts to us, and how they prove it: verifiers, envelopes and the table of providers. Pure.

A request goes through three steps, none of which knows a clock, a database or a framework:

    Exchange ──verify(secrets, now)──▶ Verdict ──split──▶ messages (id, type, time, JSON body)

Each family of proofs is a file: `hmacs` (a signature in a header), `bodies` (a signature in the body),
`sendgrid` (ECDSA), `stripe`, `standard` (Standard Webhooks, Svix), `shared` (a secret that is merely sent).
`cloudevents` is an envelope over any of them; `table` says what each provider does.
"""
