"""Deliveries by HTTP: at least once, each under one id, in the order of each call.

How the parts above plug in. A format of webhooks is two plain functions, in a dict by `WebhookFormat` that working.py
hands to the `Deliverer` (`destinations.py`):

    WireFormat(
        render=render,  # (connection, delivery, webhook) -> bytes: read from the record, once, before the first attempt
        sign=sign,      # Envelope -> headers: {"X-Signature": hmac_hex(secret, body)} (signing.py); at every attempt
        ladder=ladder,  # when it is tried again (deciding.py), where the settings do not say that
    )

`render` is also given deliveries whose `event` is `test` (they have no `call_id`). A replay is a delivery of its own:
it has a new id, names in `replay_of` what it repeats, and is rendered anew. A PostcallError raised by `render` ends the
attempt; its words stand in the delivery log, and it is tried again as after any failure.

What a call action sends is found by one function, `(connection, delivery) -> Destination`, which is asked at every
attempt; `Destination(url, render, sign, secret, headers, content_type)`, where `render` is `(connection, delivery) ->
bytes` and `secret` may be None (then `sign` is not asked); `render` is asked only where the delivery was queued without
a body. A PostcallError from finding it ends the delivery for good: it becomes `dead` with those words. A replay of such
a delivery sends the same body again.

Who makes and looks: `configure/webhooks.py` (make_webhook, webhook_secret, the rules for URLs and headers),
`storage/webhooks.py` (list, find, change, delete), `storage/subscriptions.py`, `storage/delivery_log.py` (list, one
with its attempts, replay of one and of a range, tests). `storage/claiming.py` and `deliveries.py` are the
deliverer's own.
"""
