// A state of the server, live: the hall's, or a counter's own. Any event is a heartbeat; silence or an error is shown at
// once, and the stream reconnects by itself.
(function () {
  "use strict";
  const motcua = window.motcua;

  const CHECK_MS = 1000;
  const REOPEN_MS = 2000;
  // A proxy that holds the stream back: the state is polled instead, and the stream tried again now and then. Opening it
  // again does not put the polls off.
  const POLL_AFTER_MS = 3000;
  const RETRY_STREAM_MS = 60000;
  const PREVIEW_POLL_MS = 20000;
  const REFUSALS = [401, 403, 404];

  class StateStream {
    // onState(state, unbroken): `unbroken` is false for the first state after each (re)connection.
    // onRefused(status, text): the server does not admit this page any more; `text` of the response.
    /** @param {StateStreamOptions} options */
    constructor({ endpoints, event, silentSeconds, onState, onHeartbeat, onConnection, onRefused }) {
      this.endpoints = endpoints;
      this.event = event || "hall";
      this.timeoutMs = silentSeconds * 1000;
      this.onState = onState;
      this.onHeartbeat = onHeartbeat || function () {};
      this.onConnection = onConnection;
      this.onRefused = onRefused || function () {};
      this.connected = null;
      this.isContinuous = false;
      this.lastEventAt = performance.now();
      this.lastOpened = 0;
      this.startedAt = performance.now();
      /** @type {Json} */
      this.source = null;
      this.isPolling = false;
      this.polledAt = 0;
      this.version = 0;
      this.checking = 0;
      this.onOnline = () => this.reopen();
      this.clock = new motcua.ServerClock();
    }

    // A preview polls now and then: a browser holds only six connections to one server.
    start() {
      if (document.body.dataset.preview === "1") {
        const poll = () => this.poll(performance.now());
        poll();
        setInterval(poll, PREVIEW_POLL_MS);
        return;
      }
      this.open();
      this.checking = setInterval(() => this.checkConnection(), CHECK_MS);
      window.addEventListener("online", this.onOnline);
    }

    open() {
      this.lastOpened = performance.now();
      const source = (this.source = new EventSource(this.endpoints.stream));
      source.addEventListener(this.event, (event) => this.handleState(source, event));
      source.addEventListener("ping", (event) => this.handlePing(source, event));
      source.addEventListener("error", () => this.markLost(source));
    }

    // Another stream in the place of this one, such as one with more in it.
    switchTo(endpoints) {
      this.endpoints = endpoints;
      this.source.close();
      this.open();
    }

    // Nothing more is asked of the server.
    stop() {
      clearInterval(this.checking);
      window.removeEventListener("online", this.onOnline);
      this.source.close();
      this.setConnected(false);
    }

    reopen() {
      this.source.close();
      this.markLost(this.source);
      this.open();
    }

    handleState(source, event) {
      if (source !== this.source) return;
      const state = this.withCurrentTime(JSON.parse(event.data));
      // What a proxy held back comes too late: a newer polled state is shown already.
      if (this.isPolling && state.version < this.version) return;
      this.isPolling = false;
      this.version = state.version;
      const isContinuous = this.isContinuous;
      this.isContinuous = true;
      this.onState(state, isContinuous);
      this.markAlive(source);
    }

    handlePing(source, event) {
      if (source !== this.source) return;
      if (!Number.isNaN(Date.parse(event.data))) this.clock.set(event.data);
      this.markAlive(source);
    }

    // A state is built once and sent to whoever comes: its `now` may be some time ago, a ping is not.
    withCurrentTime(state) {
      if (!this.clock.known() || Date.parse(state.now) > this.clock.now()) this.clock.set(state.now);
      state.now = new Date(this.clock.now()).toISOString();
      return state;
    }

    markAlive(source) {
      if (source !== this.source) return;
      this.lastEventAt = performance.now();
      // Numbers are shown as current only once a state has come over this very connection.
      if (!this.isContinuous) return;
      this.setConnected(true);
      this.onHeartbeat();
    }

    markLost(source) {
      if (source !== this.source) return;
      this.isContinuous = false;
      if (!this.isPolling) this.setConnected(false);
    }

    setConnected(connected) {
      if (connected === this.connected) return;
      this.connected = connected;
      this.onConnection(connected);
    }

    // EventSource comes back by itself from most faults, but not from an HTTP error and not from a dead Wi-Fi.
    checkConnection() {
      const now = performance.now();
      const isSilent = now - this.lastEventAt > this.timeoutMs;
      if (isSilent) {
        this.isPolling = false;
        this.markLost(this.source);
      }
      if (!this.isContinuous && now - Math.max(this.polledAt, this.isPolling ? 0 : this.startedAt) > POLL_AFTER_MS) this.poll(now);
      const isClosed = isSilent || this.source.readyState === EventSource.CLOSED;
      const waitMs = isClosed ? (isSilent ? this.timeoutMs : REOPEN_MS) : RETRY_STREAM_MS;
      if ((isClosed || this.isPolling) && now - this.lastOpened > waitMs) this.reopen();
    }

    poll(now) {
      this.polledAt = now;
      const source = this.source;
      fetch(this.endpoints.state, { cache: "no-store", headers: { Accept: "application/json" } })
        .then((response) => {
          if (REFUSALS.includes(response.status)) response.text().then((text) => this.onRefused(response.status, text));
          return response.ok ? response.json() : null;
        })
        .then((state) => {
          if (state && source === this.source && !this.isContinuous) this.applyPolledState(state);
        })
        .catch(() => {}); // polled again; the band shows it meanwhile
    }

    applyPolledState(state) {
      this.clock.set(state.now);
      this.onState(state, this.isPolling);
      this.isPolling = true;
      this.version = state.version;
      this.lastEventAt = performance.now();
      this.setConnected(true);
      this.onHeartbeat();
    }
  }

  // The band and the dimming that every page with live data shares.
  motcua.showConnection = function (connected) {
    const band = motcua.byId("lost");
    band.hidden = connected;
    document.body.classList.toggle("is-lost", !connected);
  };

  motcua.StateStream = StateStream;
})();
