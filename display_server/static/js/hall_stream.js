// The hall's state, live. Any event is a sign of life; silence or an error is told at once, and put right by itself.
(function () {
  "use strict";
  const motcua = window.motcua;

  const CHECK_EVERY = 1000;
  const OPEN_AGAIN_AFTER = 2000;
  // A proxy that holds the stream back: the state is asked for instead, and the stream tried again now and then.
  const ASK_AFTER = 3000;
  const TRY_STREAM_AFTER = 60000;
  const STILL_EVERY = 20000;

  class HallStream {
    // onState(state, unbroken): `unbroken` is false for the first state after each (re)connection.
    // onRefused(): the server does not admit this screen any more.
    constructor({ doors, silentSeconds, onState, onLife, onConnection, onRefused }) {
      this.doors = doors;
      this.silentAfter = silentSeconds * 1000;
      this.onState = onState;
      this.onLife = onLife || function () {};
      this.onConnection = onConnection;
      this.onRefused = onRefused || function () {};
      this.connected = null;
      this.unbroken = false;
      this.lastLife = performance.now();
      this.lastOpened = 0;
      this.source = null;
      this.isAsking = false;
      this.askedAt = 0;
      this.version = 0;
      this.clock = new motcua.ServerClock();
    }

    // A preview asks now and then: a browser holds only six connections to one server.
    start() {
      if (document.body.dataset.still === "1") {
        const ask = () => this.ask(performance.now());
        ask();
        setInterval(ask, STILL_EVERY);
        return;
      }
      this.open();
      setInterval(() => this.check(), CHECK_EVERY);
      window.addEventListener("online", () => this.openAgain());
    }

    open() {
      this.lastOpened = performance.now();
      const source = (this.source = new EventSource(this.doors.stream));
      source.addEventListener("hall", (event) => this.take(source, event));
      source.addEventListener("ping", (event) => this.ping(source, event));
      source.addEventListener("error", () => this.lose(source));
    }

    openAgain() {
      this.source.close();
      this.lose(this.source);
      this.open();
    }

    take(source, event) {
      if (source !== this.source) return;
      const state = this.dated(JSON.parse(event.data));
      // What a proxy held back comes too late: a newer answer is on the screen.
      if (this.isAsking && state.version < this.version) return;
      this.isAsking = false;
      this.version = state.version;
      const unbroken = this.unbroken;
      this.unbroken = true;
      this.onState(state, unbroken);
      this.live(source);
    }

    ping(source, event) {
      if (source !== this.source) return;
      if (!Number.isNaN(Date.parse(event.data))) this.clock.set(event.data);
      this.live(source);
    }

    // A state is built once and sent to whoever comes: its `now` may be some time ago, a sign of life is not.
    dated(state) {
      if (!this.clock.known() || Date.parse(state.now) > this.clock.now()) this.clock.set(state.now);
      state.now = new Date(this.clock.now()).toISOString();
      return state;
    }

    live(source) {
      if (source !== this.source) return;
      this.lastLife = performance.now();
      // Old numbers are shown as good only once a state has come over this very connection.
      if (!this.unbroken) return;
      this.tell(true);
      this.onLife();
    }

    lose(source) {
      if (source !== this.source) return;
      this.unbroken = false;
      if (!this.isAsking) this.tell(false);
    }

    tell(connected) {
      if (connected === this.connected) return;
      this.connected = connected;
      this.onConnection(connected);
    }

    // EventSource comes back by itself from most faults, but not from an HTTP error and not from a dead Wi-Fi.
    check() {
      const now = performance.now();
      const silent = now - this.lastLife > this.silentAfter;
      if (silent) {
        this.isAsking = false;
        this.lose(this.source);
      }
      if (!this.unbroken && now - Math.max(this.askedAt, this.isAsking ? 0 : this.lastOpened) > ASK_AFTER) this.ask(now);
      const stuck = silent || this.source.readyState === EventSource.CLOSED;
      const patience = stuck ? (silent ? this.silentAfter : OPEN_AGAIN_AFTER) : TRY_STREAM_AFTER;
      if ((stuck || this.isAsking) && now - this.lastOpened > patience) this.openAgain();
    }

    ask(now) {
      this.askedAt = now;
      const source = this.source;
      fetch(this.doors.state, { cache: "no-store", headers: { Accept: "application/json" } })
        .then((answer) => {
          if (answer.status === 401) this.onRefused();
          return answer.ok ? answer.json() : null;
        })
        .then((state) => {
          if (state && source === this.source && !this.unbroken) this.takeAnswer(state);
        })
        .catch(() => {}); // asked again, and the band says so meanwhile
    }

    takeAnswer(state) {
      this.clock.set(state.now);
      this.onState(state, this.isAsking);
      this.isAsking = true;
      this.version = state.version;
      this.lastLife = performance.now();
      this.tell(true);
      this.onLife();
    }
  }

  // The band and the dimming that every page with live data shares.
  motcua.showConnection = function (connected) {
    const band = motcua.byId("lost");
    band.hidden = connected;
    document.body.classList.toggle("is-lost", !connected);
  };

  motcua.HallStream = HallStream;
})();
