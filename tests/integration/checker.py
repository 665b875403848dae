"""Judges what devices got by the ids that senders put into payloads: "<stream>:<n>"."""


def parse(payload):
    stream, _, number = payload.rpartition(":")
    return stream, int(number)


def check_exactly_once(messages, accepted, uncertain=()):
    """Every accepted payload once; an uncertain one (no answer) at most once; nothing else.

    `messages` are a device's events, in the order in which the app got them; one marked `again`
    is the one exception the design allows, and counts as a repetition only when it is not marked.
    """
    seen = {}
    for message in messages:
        if not message.get("again"):
            seen[message["payload"]] = seen.get(message["payload"], 0) + 1
        else:
            seen.setdefault(message["payload"], 1)
    lost = sorted(set(accepted) - set(seen), key=str)
    doubled = sorted(payload for payload, count in seen.items() if count > 1)
    invented = sorted(set(seen) - set(accepted) - set(uncertain))
    assert not lost, f"{len(lost)} accepted and lost: {lost[:5]}"
    assert not doubled, f"{len(doubled)} doubled: {doubled[:5]}"
    assert not invented, f"{len(invented)} never sent: {invented[:5]}"


def check_wire(events, may_repeat):
    """No entry came twice over the wire, which a device hides from its app. `may_repeat`: the
    server was killed, or a connection cut, so acknowledgements may be lost; also then no message
    comes under a second number of its feed."""
    numbers = {(event["id"], event["feed"]): event["number"]
               for event in events if event.get("event") == "message"}
    repeated = [event for event in events if event.get("event") == "repeated"]
    renumbered = [event for event in repeated
                  if numbers[event["id"], event["feed"]] != event["number"]]
    assert not renumbered, f"{len(renumbered)} under a second number: {renumbered[:3]}"
    assert may_repeat or not repeated, f"{len(repeated)} sent twice: {repeated[:3]}"


def check_order(messages):
    """Within a feed, numbers rise, and each stream's own numbers do too."""
    last_number, last_of_stream = {}, {}
    for message in messages:
        feed, number = message["feed"], message["number"]
        if message.get("again"):
            continue
        assert number > last_number.get(feed, 0), f"{feed}: {number} after {last_number[feed]}"
        last_number[feed] = number
        stream, count = parse(message["payload"])
        before = last_of_stream.get((feed, stream), -1)
        assert count > before, f"{feed}, {stream}: {count} after {before}"
        last_of_stream[(feed, stream)] = count
