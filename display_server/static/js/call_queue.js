// Announces every call once, in order, each for its full time; shorter while many wait, and not at all when the visit has
// ended before its turn. Calls are told apart by `seq`, so a recall counts too.
(function () {
  "use strict";
  const motcua = window.motcua;

  const LATEST_KEPT = 60;
  const HOLE_RETRY = 1000;
  // What GET …/calls?after= gives at most.
  const HOLE_LIMIT = 200;
  // A reload in a long burst needs calls that a short state has dropped by then.
  const REMEMBERED = 12;
  // So many behind a call: announcements become short until nobody waits any more, and keep the screen no longer than this.
  const MANY_WAIT = 3;
  const SHORT_MS = 3000;
  const DROPPED_KEPT = 60;

  const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  const bySeq = (one, other) => one.seq - other.seq;

  class Announcer {
    // show(call, form) may return a promise (speech): the next call waits for it as well. form: "full"; while many wait
    // "brief", then "short".
    // fetchAfter(seq) -> promise of the calls after seq, oldest first.
    // concerns(call): whether this screen announces it.
    // isOver(call): its visit has ended meanwhile. onShown(call): it has had its time, or came too late for one.
    constructor({ clock, showSeconds, freshSeconds, memory, fetchAfter, concerns, isOver, show, onShown, onForget, onFilled }) {
      this.clock = clock;
      this.showMs = showSeconds * 1000;
      this.freshMs = freshSeconds * 1000;
      this.memory = memory;
      this.fetchAfter = fetchAfter;
      this.concerns = concerns || (() => true);
      this.isOver = isOver || (() => false);
      this.show = show;
      this.onShown = onShown || function () {};
      this.onForget = onForget || function () {};
      this.onFilled = onFilled || function () {};
      this.queue = [];
      this.latest = [];
      this.dropped = [];
      this.isShort = false;
      this.hasChimed = false;
      this.until = 0;
      this.busy = false;
      this.filling = false;
      this.onlyFresh = false;
      this.remembered = memory.load();
      this.interrupted = this.remembered;
      if (this.remembered) this.latest = this.remembered.latest || [];
      this.heard = this.remembered ? this.remembered.seq : null;
      this.heardAt = this.remembered ? this.remembered.calledAt : null;
      this.restUntil = 0;
    }

    // The newest call that has been, or is being, announced. 0: none yet.
    shownSeq() {
      if (this.queue.length) return this.queue[0].seq - 1;
      return this.heard || 0;
    }

    isIdle() {
      return !this.busy && !this.queue.length && !this.filling;
    }

    take(state, unbroken) {
      if (this.isAnotherHistory(state)) this.forget();
      if (!unbroken && !this.wasAwayBriefly()) this.onlyFresh = true;
      this.finishInterrupted();
      this.state = state;
      this.collect();
    }

    // A backup was restored: numbers go backwards, or the call that we know by this number is another one.
    isAnotherHistory(state) {
      if (this.heard === null) return false;
      if (state.seq < this.heard) return true;
      const same = state.calls.find((call) => call.seq === this.heard);
      return Boolean(same && this.heardAt && same.called_at !== this.heardAt);
    }

    forget() {
      this.queue = [];
      this.latest = [];
      this.dropped = [];
      this.heard = null;
      this.heardAt = null;
      this.remembered = null;
      this.interrupted = null;
      this.memory.save(null);
      this.onForget();
    }

    // A reload or a lost connection shorter than the time for which calls stay fresh loses nothing of a long burst.
    wasAwayBriefly() {
      return this.remembered !== null && this.clock.now() - this.remembered.aliveAt <= this.freshMs;
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
      if (this.filling) return;
      const after = this.heard === null ? 0 : this.heard;
      const news = this.state.calls.filter((call) => call.seq > after).sort(bySeq);
      if (this.state.seq <= after || this.isWhole(news, after)) this.enqueue(news);
      else this.fillHole(Math.max(after, this.onlyFresh ? this.state.seq - HOLE_LIMIT : 0), news);
    }

    isWhole(news, after) {
      if (!news.length) return this.heard === null && !this.state.calls.length;
      return news[0].seq === after + 1 || (this.onlyFresh && !this.isFresh(news[0]));
    }

    fillHole(after, news) {
      const target = this.state.seq;
      this.filling = true;
      this.fetchAfter(after).then(
        (calls) => {
          this.filling = false;
          this.takeFilled(calls, news, target);
        },
        () => {
          setTimeout(() => {
            this.filling = false;
            this.collect();
          }, HOLE_RETRY);
        },
      );
    }

    // While we asked, the hall may have moved on, or gone back to a backup: then the newest state decides.
    takeFilled(calls, news, target) {
      if (this.state.seq < target) return this.collect();
      const more = calls.length >= HOLE_LIMIT;
      this.enqueue(more ? calls : calls.concat(news));
      if (!more && this.heard < target) this.hear(target, null);
      if (this.state.seq > this.heard) this.collect();
      return this.onFilled();
    }

    hear(seq, calledAt) {
      this.heard = seq;
      this.heardAt = calledAt;
    }

    enqueue(calls) {
      calls.sort(bySeq).forEach((call) => {
        if (call.seq <= (this.heard || 0)) return;
        this.hear(call.seq, call.called_at);
        this.keep(call);
        if (!this.concerns(call)) return;
        if (!this.onlyFresh || this.isFresh(call)) this.queue.push(call);
        else if (!this.isPast(call)) this.onShown(call);
      });
      if (this.heard === null) this.hear(this.state.seq, null);
      this.onlyFresh = false;
      this.remember();
      this.step();
    }

    isFresh(call) {
      return this.clock.now() - Date.parse(call.called_at) <= this.freshMs;
    }

    keep(call) {
      this.latest.push(call);
      if (this.latest.length > LATEST_KEPT) this.latest.shift();
    }

    step() {
      if (this.busy) return;
      if (!this.queue.length) this.isShort = this.hasChimed = false;
      if (!this.queue.length) return;
      this.busy = true;
      wait(Math.max(0, this.restUntil - performance.now()))
        .then(() => this.announceNext())
        .then(() => {
          this.busy = false;
          this.remember();
          this.step();
        });
    }

    announceNext() {
      this.dropPast();
      const call = this.queue.shift();
      if (!call) return null;
      if (this.queue.length >= MANY_WAIT) this.isShort = true;
      return this.announce(call);
    }

    // Nobody is called to a counter that has gone on to somebody else.
    dropPast() {
      const past = this.queue.filter((call) => this.isPast(call));
      this.queue = this.queue.filter((call) => !past.includes(call));
      this.dropped = this.dropped.concat(past.map((call) => call.seq)).slice(-DROPPED_KEPT);
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
      this.remember();
      const shown = Promise.resolve(this.show(call, form)).catch((error) => console.error(error));
      return Promise.all([shown, wait(showMs)]).then(() => this.onShown(call));
    }

    // Also called at every sign of life, so that a reload knows how long the page was away.
    remember() {
      if (this.heard === null || !this.clock.known()) return;
      const seq = this.shownSeq();
      const known = this.latest.find((call) => call.seq === seq);
      const calledAt = known ? known.called_at : seq === this.heard ? this.heardAt : null;
      const latest = this.latest.filter((call) => call.seq <= seq).slice(-REMEMBERED);
      this.remembered = { seq, calledAt, latest, until: this.until, aliveAt: this.clock.now() };
      this.memory.save(this.remembered);
    }
  }

  // The tab's own storage: two screens driven by one computer each announce for themselves.
  Announcer.sessionMemory = function (key) {
    return {
      load() {
        try {
          return JSON.parse(sessionStorage.getItem(key));
        } catch (error) {
          return null;
        }
      },
      save(value) {
        try {
          sessionStorage.setItem(key, JSON.stringify(value));
        } catch (error) {
          // A browser that forbids storage only loses what a reload would have kept.
        }
      },
    };
  };

  motcua.Announcer = Announcer;
})();
