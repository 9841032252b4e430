// The hall's state, live. Any event is a sign of life; silence or an error is told at once, and put right by itself.
(function () {
  "use strict";
  const motcua = window.motcua;

  const CHECK_EVERY = 1000;
  const OPEN_AGAIN_AFTER = 2000;

  class HallStream {
    // onState(state, unbroken): `unbroken` is false for the first state after each (re)connection.
    constructor({ url, silentSeconds, onState, onLife, onConnection }) {
      this.url = url;
      this.silentAfter = silentSeconds * 1000;
      this.onState = onState;
      this.onLife = onLife || function () {};
      this.onConnection = onConnection;
      this.connected = null;
      this.unbroken = false;
      this.lastLife = performance.now();
      this.lastOpened = 0;
      this.source = null;
      this.clock = new motcua.ServerClock();
    }

    start() {
      this.open();
      setInterval(() => this.check(), CHECK_EVERY);
      window.addEventListener("online", () => this.openAgain());
    }

    open() {
      this.lastOpened = performance.now();
      const source = (this.source = new EventSource(this.url));
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
      this.tell(false);
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
      if (silent) this.lose(this.source);
      const stuck = silent || this.source.readyState === EventSource.CLOSED;
      const patience = silent ? this.silentAfter : OPEN_AGAIN_AFTER;
      if (stuck && now - this.lastOpened > patience) this.openAgain();
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
