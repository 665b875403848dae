"""Sends and changes of names that go on without pause while something is broken."""

from harness import wait_until

# A commit is waited for for 10 s; then the answer is that its outcome is unknown.
ANSWER_SECONDS_MAX = 12
GO_ON_SECONDS_MAX = 60
TELL_SECONDS_MAX = 30
SEND_PAUSE_SECONDS = 0.02
SENDS_BEFORE_A_FAULT = 20
BUSY = 10002


class Streams:
    """Of `senders` and a `namer`, from start() to stop()."""

    def __init__(self, senders, namer):
        self.senders, self.namer = senders, namer

    def start(self):
        for thread in (*self.senders, self.namer):
            thread.start()
        nothing = [0] * len(self.counts())
        wait_until(lambda: self.have_moved(self.counts(), nothing, SENDS_BEFORE_A_FAULT),
                   GO_ON_SECONDS_MAX, "the streams to run before the fault")

    def stop(self):
        self.namer.stop()
        for sender in self.senders:
            sender.stopping.set()
        for sender in self.senders:
            sender.stop()

    def sent(self):
        """Of each sender what was accepted."""
        return [len(sender.accepted) for sender in self.senders]

    def counts(self):
        """The same, and last the changes of names."""
        return [*self.sent(), self.namer.acknowledged]

    @staticmethod
    def have_moved(counts, since, by=1):
        return all(now >= before + by for now, before in zip(counts, since, strict=True))

    def go_on(self, seconds=GO_ON_SECONDS_MAX):
        """Each stream, and the changes of names."""
        since = self.counts()
        wait_until(lambda: self.have_moved(self.counts(), since), seconds, "all streams to go on")

    def sends_go_on(self, seconds=GO_ON_SECONDS_MAX):
        """The owner of a name and that of its carrier have to hear each other to change it."""
        since = self.sent()
        wait_until(lambda: self.have_moved(self.sent(), since), seconds, "all sends to go on")

    def fail(self):
        """Waits until the fault is felt: a send is not accepted."""
        def count():
            return sum(len(sender.refused) + len(sender.uncertain) for sender in self.senders)

        before = count()
        wait_until(lambda: count() > before, TELL_SECONDS_MAX, "a send to feel the fault")

    def all_of(self, what):
        return [each for sender in self.senders for each in getattr(sender, what)]

    def check_answers(self, may_be_silent):
        """`may_be_silent`: who was to answer was killed."""
        late = self.all_of("late")
        assert not late, f"no answer in {ANSWER_SECONDS_MAX} s: {late[:5]}"
        unanswered = self.all_of("unanswered")
        assert may_be_silent or not unanswered, f"nobody answered {unanswered[:5]}"
        wrong = [(payload, code) for payload, code in self.all_of("refused") if code != BUSY]
        assert not wrong, f"refused, and not as busy: {wrong[:5]}"

    def story(self):
        return (f"{len(self.all_of('accepted'))} accepted, {len(self.all_of('refused'))} refused, "
                f"{len(self.all_of('uncertain'))} without an answer or of unknown outcome, "
                f"{self.namer.acknowledged} names changed, {self.namer.refused} refused, "
                f"slowest answers {max(sender.slowest for sender in self.senders):.1f} and "
                f"{self.namer.slowest:.1f} s")
