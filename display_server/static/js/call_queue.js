// Announces every call once, in order, each for its full time; shorter while many wait, and not at all when the visit has
// ended before its turn. Calls are told apart by `seq`, so a recall counts too.
(function () {
  "use strict";
  const motcua = window.motcua;

  const MAX_LATEST = 60;
  const GAP_RETRY_MS = 1000;
  // What GET …/calls?after= gives at most.
  const MAX_GAP = 200;
  // A reload in a long burst needs calls that a short state has dropped by then.
  const MAX_REMEMBERED = 12;
  // So many behind a call: announcements become short until nobody waits any more, and are shown no longer than SHORT_MS.
  const BURST_LENGTH = 3;
  const SHORT_MS = 3000;
  const MAX_DROPPED = 60;

  const wait = (milliseconds) => new Promise((resolve) => void setTimeout(resolve, milliseconds));
  const bySeq = (one, other) => one.seq - other.seq;

  class CallQueue {
    // show(call, form) may return a promise (speech): the next call waits for it as well. form: "full"; while many wait
    // "brief", then "short".
    // fetchAfter(seq) -> promise of the calls after seq, oldest first.
    // concerns(call): whether this screen announces it.
    // isOver(call): its visit has ended meanwhile. onShown(call): it has had its time, or came too late for one.
    /** @param {CallQueueOptions} options */
    constructor({ clock, showSeconds, freshSeconds, memory, fetchAfter, concerns, isOver, show, onShown, onReset, onGapFilled }) {
      this.clock = clock;
      this.showMs = showSeconds * 1000;
      this.maxAgeMs = freshSeconds * 1000;
      this.memory = memory;
      this.fetchAfter = fetchAfter;
      this.concerns = concerns || (() => true);
      this.isOver = isOver || (() => false);
      this.show = show;
      this.onShown = onShown || function () {};
      this.onReset = onReset || function () {};
      this.onGapFilled = onGapFilled || function () {};
      this.queue = [];
      this.latest = [];
      this.dropped = [];
      this.isShort = false;
      this.hasChimed = false;
      this.until = 0;
      this.isAnnouncing = false;
      this.isFilling = false;
      this.onlyRecent = false;
      this.remembered = memory.load();
      this.interrupted = this.remembered;
      if (this.remembered) this.latest = this.remembered.latest || [];
      this.lastSeq = this.remembered ? this.remembered.seq : null;
      this.lastCalledAt = this.remembered ? this.remembered.calledAt : null;
      this.restUntil = 0;
    }

    // The newest call that has been, or is being, announced. 0: none yet.
    shownSeq() {
      if (this.queue.length) return this.queue[0].seq - 1;
      return this.lastSeq || 0;
    }

    isIdle() {
      return !this.isAnnouncing && !this.queue.length && !this.isFilling;
    }

    update(state, isContinuous) {
      if (this.isRestoredHistory(state)) this.reset();
      if (!isContinuous && !this.wasAwayBriefly()) this.onlyRecent = true;
      this.finishInterrupted();
      this.state = state;
      this.collect();
    }

    // A backup was restored: numbers go backwards, or the call that we know by this number is another one.
    isRestoredHistory(state) {
      if (this.lastSeq === null) return false;
      if (state.seq < this.lastSeq) return true;
      const same = state.calls.find((call) => call.seq === this.lastSeq);
      return Boolean(same && this.lastCalledAt && same.called_at !== this.lastCalledAt);
    }

    reset() {
      this.queue = [];
      this.latest = [];
      this.dropped = [];
      this.lastSeq = null;
      this.lastCalledAt = null;
      this.remembered = null;
      this.interrupted = null;
      this.memory.save(null);
      this.onReset();
    }

    // A reload or a lost connection shorter than the time for which calls stay fresh loses nothing of a long burst.
    wasAwayBriefly() {
      return this.remembered !== null && this.clock.now() - this.remembered.aliveAt <= this.maxAgeMs;
    }

    // A call whose time was cut by a reload keeps the screen for the rest of it.
    finishInterrupted() {
      if (!this.interrupted) return;
      const cut = this.latest.find((call) => call.seq === this.interrupted.seq);
      if (cut && this.concerns(cut) && !this.isPast(cut)) this.onShown(cut);
      const rest = this.interrupted.until - this.clock.now();
      if (rest > 0) {
        this.restUntil = performance.now() + Math.min(rest, this.showMs);
        this.until = this.interrupted.until;
      }
      this.interrupted = null;
    }

    collect() {
      if (this.isFilling) return;
      const after = this.lastSeq === null ? 0 : this.lastSeq;
      const unseen = this.state.calls.filter((call) => call.seq > after).sort(bySeq);
      if (this.state.seq <= after || this.isGapless(unseen, after)) this.enqueue(unseen);
      else this.fillGap(Math.max(after, this.onlyRecent ? this.state.seq - MAX_GAP : 0), unseen);
    }

    isGapless(unseen, after) {
      if (!unseen.length) return this.lastSeq === null && !this.state.calls.length;
      return unseen[0].seq === after + 1 || (this.onlyRecent && !this.isRecent(unseen[0]));
    }

    fillGap(after, unseen) {
      const target = this.state.seq;
      this.isFilling = true;
      this.fetchAfter(after).then(
        (calls) => {
          this.isFilling = false;
          this.applyGap(calls, unseen, target);
        },
        () => {
          setTimeout(() => {
            this.isFilling = false;
            this.collect();
          }, GAP_RETRY_MS);
        },
      );
    }

    // During the request the hall may have moved on, or gone back to a backup: then the newest state decides.
    applyGap(calls, unseen, target) {
      if (this.state.seq < target) return this.collect();
      const more = calls.length >= MAX_GAP;
      this.enqueue(more ? calls : calls.concat(unseen));
      if (!more && this.lastSeq < target) this.setLast(target, null);
      if (this.state.seq > this.lastSeq) this.collect();
      return this.onGapFilled();
    }

    setLast(seq, calledAt) {
      this.lastSeq = seq;
      this.lastCalledAt = calledAt;
    }

    enqueue(calls) {
      calls.sort(bySeq).forEach((call) => {
        if (call.seq <= (this.lastSeq || 0)) return;
        this.setLast(call.seq, call.called_at);
        this.keep(call);
        if (!this.concerns(call)) return;
        if (!this.onlyRecent || this.isRecent(call)) this.queue.push(call);
        else if (!this.isPast(call)) this.onShown(call);
      });
      if (this.lastSeq === null) this.setLast(this.state.seq, null);
      this.onlyRecent = false;
      this.saveProgress();
      this.next();
    }

    isRecent(call) {
      return this.clock.now() - Date.parse(call.called_at) <= this.maxAgeMs;
    }

    keep(call) {
      this.latest.push(call);
      if (this.latest.length > MAX_LATEST) this.latest.shift();
    }

    next() {
      if (this.isAnnouncing) return;
      if (!this.queue.length) this.isShort = this.hasChimed = false;
      if (!this.queue.length) return;
      this.isAnnouncing = true;
      wait(Math.max(0, this.restUntil - performance.now()))
        .then(() => this.announceNext())
        .then(() => {
          this.isAnnouncing = false;
          this.saveProgress();
          this.next();
        });
    }

    announceNext() {
      this.dropPast();
      const call = this.queue.shift();
      if (!call) return null;
      if (this.queue.length >= BURST_LENGTH) this.isShort = true;
      return this.announce(call);
    }

    // Nobody is called to a counter that has gone on to somebody else.
    dropPast() {
      const past = this.queue.filter((call) => this.isPast(call));
      this.queue = this.queue.filter((call) => !past.includes(call));
      this.dropped = this.dropped.concat(past.map((call) => call.seq)).slice(-MAX_DROPPED);
    }

    // Also one that was called again: the newer call is announced in its place.
    isPast(call) {
      return this.isOver(call) || this.latest.some((one) => one.ticket_id === call.ticket_id && one.seq > call.seq);
    }

    announce(call) {
      const showMs = this.isShort ? Math.min(this.showMs, SHORT_MS) : this.showMs;
      const form = this.isShort ? (this.hasChimed ? "short" : "brief") : "full";
      this.hasChimed = true;
      this.until = this.clock.now() + showMs;
      this.saveProgress();
      const shown = Promise.resolve(this.show(call, form)).catch((error) => console.error(error));
      return Promise.all([shown, wait(showMs)]).then(() => this.onShown(call));
    }

    // Also called at every heartbeat, so that a reload knows how long the page was away.
    saveProgress() {
      if (this.lastSeq === null || !this.clock.known()) return;
      const seq = this.shownSeq();
      const known = this.latest.find((call) => call.seq === seq);
      const calledAt = known ? known.called_at : seq === this.lastSeq ? this.lastCalledAt : null;
      const latest = this.latest.filter((call) => call.seq <= seq).slice(-MAX_REMEMBERED);
      this.remembered = { seq, calledAt, latest, until: this.until, aliveAt: this.clock.now() };
      this.memory.save(this.remembered);
    }
  }

  motcua.CallQueue = CallQueue;
})();
