// The namespace that the browser scripts share. Each script adds its part; `tsc` compares it with what stands here.
// Values of the server's JSON are `any`: the server's own models describe them.

type Json = any;
/** A text by language: { vi: "…", en: "…" }. */
type Texts = Record<string, string>;
/** Something of the centre with an official name and perhaps a short one. */
type Named = { code?: string; name: Texts; short?: Texts };
type Response_ = { status: number; body: Json };
type Action = { step: string; body: Json; at: number };
type Memory<T = Json> = { load(): T | null; save(value: T | null): void };
type Call = {
  seq: number; ticket_id: number; number: string; counter: string; department: string; called_at: string;
  language?: string; priority?: boolean; recall?: boolean; open?: boolean;
};
type CallForm = "full" | "brief" | "short";
type HallState = { now: string; version: number; seq: number; calls: Call[]; [field: string]: Json };
type Endpoints = {
  state: string; stream: string; names: string; media: string; chime: string; speaker: string; announced: string;
  voice(seq: number, form: CallForm): string; notice(id: number): string; callsAfter(seq: number): string;
};

type StateStreamOptions = {
  endpoints: { stream: string; state: string }; event?: string; silentSeconds: number;
  onState(state: Json, isContinuous: boolean): void; onConnection(isConnected: boolean): void;
  onHeartbeat?(): void; onRefused?(status: number, text: string): void;
};
type CallQueueOptions = {
  clock: ServerClock; showSeconds: number; freshSeconds: number; memory: Memory;
  fetchAfter(seq: number): Promise<Call[]>; concerns?(call: Call): boolean; isOver?(call: Call): boolean;
  show(call: Call, form: CallForm): Promise<unknown> | void; onShown?(call: Call): void; onReset?(): void; onGapFilled?(): void;
};

interface ServerClock {
  set(iso: string): void;
  known(): boolean;
  now(): number;
}

interface ActionSender {
  send(step: string, body: Json): Promise<Response_>;
  sendAction(action: Action): Promise<Response_>;
  interruptedAction(): Action | null;
  cancel(): void;
}

interface CallQueue {
  lastSeq: number | null;
  latest: Call[];
  dropped: number[];
  queue: Call[];
  update(state: HallState, isContinuous: boolean): void;
  shownSeq(): number;
  isIdle(): boolean;
  saveProgress(): void;
}

interface Directory {
  load(): Promise<unknown>;
  department(code: string, language?: string): string;
  counter(code: string, language?: string): string;
}
interface HallDirectory extends Directory {
  centre: Named | null;
  prefix(code: string): string;
  checkAgainst(state: HallState): void;
}
interface CentreDirectory extends Directory {
  load(): Promise<boolean>;
  departmentOption(code: string): string;
  procedureOption(code: string): string;
  procedure(code: string): string;
  reason(code: string): string;
  putDepartment(element: HTMLElement, code: string): void;
  putProcedure(element: HTMLElement, code: string): void;
  requiredDocuments(code: string): string[];
  targets(ownCounter: string, ownName: string): Json[];
}
interface CallAudioPlayer {
  chain: Promise<void>;
  maySpeak(): boolean;
  announce(call: Call, form: CallForm): Promise<void>;
  play(address: string): Promise<boolean>;
  isMuted(): boolean;
}
interface Chime {
  context: AudioContext | null;
  isMuted(): boolean;
  unlock(): void;
  play(): Promise<void>;
}
interface DisplayAgent {
  problems: string[];
  reportProblem(problem: string): void;
  updateDark(hall: HallState, now: number): void;
}
interface NoticeTicker {
  update(media: Json): void;
  emergency(urgent: Json[] | null): void;
}
interface CounterView {
  nextKey(): string;
  draw(counter: Json): void;
  tick(): void;
  graceSeconds(): number;
  graceText(): string;
}
interface CounterShortcuts {
  keys: Record<string, string>;
  name(step: string): string;
  change(step: string, key: string): void;
  reset(): void;
}
interface ProcedureSearch {
  chosen: Json;
  departments: Map<string, Json>;
  update(centre: Json): void;
  draw(): void;
  refresh(centre: Json): void;
  clear(): void;
  procedure(code: string): Json;
}
interface IssuedTicketCard {
  id: number | null;
  show(ticket: Json): void;
  line(ticket: Json): void;
  code(code: Json): void;
  slip(orders: Json[], kiosks: Json[]): void;
  hide(): void;
}

interface EntryForm {
  edit(entry: Json): void;
  dropped(id: number): void;
}

interface Motcua {
  // page.js
  words: Record<string, any>;
  language: string;
  /** An element that the page has; of whatever kind its template says. */
  byId(id: string): any;
  textOf(texts: Texts | string | null | undefined, language?: string): string;
  format(pattern: string, values: Record<string, any>): string;
  newRequestId(): string;
  createElement(tag: string, className?: string, text?: string | number | null): any;
  setText(element: Element, text: string | number): void;
  restartAnimation(element: HTMLElement, className: string): void;
  clear(element: Node): void;
  storageGet(key: string, storage?: Storage): string | null;
  storageSet(key: string, value: string | null, storage?: Storage): void;
  parseJson(text: string): Json;
  sessionMemory(key: string): Memory;
  getJson(url: string, options?: RequestInit): Promise<Json>;
  throttle(run: () => unknown, interval: number): () => void;
  // long_names.js
  shortOf(one: Named | null | undefined, language?: string): string;
  optionText(one: Named): string;
  named(one: Named, key: string, language?: string): Node;
  fit(element: HTMLElement, text: string): void;
  unfit(element: HTMLElement, text: string | number): void;
  refitAll(): void;
  /** The value of data-NAME of the element within `part` that has the focus. */
  focusedIn(part: HTMLElement, name: string): string | undefined;
  keepFocus(part: HTMLElement, draw: () => void): void;
  // server_clock.js, state_stream.js, hall_directory.js
  ServerClock: new () => ServerClock;
  timeOf(iso: string, timezone: string): string;
  showTime(clock: ServerClock, timezone: string, time: HTMLElement, date?: HTMLElement): number;
  StateStream: new (options: StateStreamOptions) => {
    start(): void; stop(): void; switchTo(endpoints: { stream: string; state: string }): void;
  };
  showConnection(isConnected: boolean): void;
  HallDirectory: new (url: string, onChange: () => void) => HallDirectory;
  hallEndpoints(hall: string): Endpoints;
  isNumbered(counter: string): boolean;
  // The displays.
  CallQueue: new (options: CallQueueOptions) => CallQueue;
  CallAudioPlayer: new (options: {
    endpoints: Endpoints; mode: string; group: string; freshSeconds: number; memoryKey: string;
    onMuted(isMuted: boolean): void; isOver(call: Call): boolean; onSpoken(call: Call): void;
  }) => CallAudioPlayer;
  AnnouncementReports: new (options: { url: string }) => { report(seq: number, spoken: boolean): void };
  CalledList: new (names: HallDirectory) => { draw(calls: Call[], current: Call | null, isOver: (call: Call) => boolean, now: number): void };
  Chime: new (onMuted: (isMuted: boolean) => void) => Chime;
  DisplayAgent: new (getState: () => object) => DisplayAgent;
  HallView: new (names: HallDirectory) => {
    centre(): void; nobody(isOpen: boolean): void; current(call: Call | null, isArriving: boolean): void; queues(all: Json[]): void;
  };
  MediaView: new (options: {
    url: string; pictureSeconds: number; onProblem(problem: string): void; onNews(media: Json): void;
  }) => object;
  NoticeTicker: new (options: {
    endpoints: Endpoints; audioPlayer: CallAudioPlayer | null; hasTicker: boolean; now(): number;
  }) => NoticeTicker;
  Rating: new () => { follow(before: string | null, state: string, hasVisitor: boolean, lastCall: number): void };
  WaitingView: new (names: HallDirectory, url: string) => { draw(departments: Json[], calls: Call[]): void };
  restartPairing(): void;
  visualAngle(settings: Json): Record<string, number>;
  /** For tests and benchmarks. */
  announced: { seq: number; number: string; counter: string; at: number }[];
  callQueue: CallQueue;
  displayAgent: DisplayAgent;
  // The staff's pages.
  csrfToken(): string;
  apiFetch(path: string, body?: Json): Promise<Response>;
  redirectToSignIn(): void;
  apiRequest(path: string, body?: Json, messages?: Record<number, string>): Promise<Json>;
  showStatus(text: string, isError?: boolean): void;
  pollList(options: {
    url: string; render(body: Json): void; interval: number; messages?: Record<number, string>;
  }): () => Promise<void>;
  renderList(id: string, elements: Node[]): void;
  EntryForm: new (options: {
    fill(entry: Json): void; save(entry: Json): Promise<string | null>; find(id: number): Json;
    labels: { add: string; change: string };
  }) => EntryForm;
  openDialog(dialog: HTMLDialogElement): void;
  prepareDialog(dialog: HTMLDialogElement): HTMLDialogElement;
  saveDraft(): void;
  registerDraftEditor(current: () => Json, resume: (id: Json) => boolean): void;
  restoreDraft(): void;
  tableRow(texts: string[], buttons: [string, () => void][], table?: Element): HTMLTableRowElement;
  formatWhen(moment: string | null): string;
  splitCodes(text: string): string[];
  dayOf(text: string): string | null;
  momentOf(text: string): string | null;
  momentText(local: string): string;
  looksPersonal(text: string): boolean;
  confirmNote(id: string): boolean;
  resetNote(id: string): void;
  showConfirmations(overview: Json): void;
  renderQueueActions(ticket: Json, onDone: (changed: Json) => void): Promise<void>;
  showSessions(member: Json): Promise<void>;
  // The counter's page.
  ActionSender: {
    new (options: { url(step: string): string; csrf: string; memory: Memory<Action>; onRetry(attempt: number): void }): ActionSender;
    mayBeSentLater(response: Response_): boolean;
  };
  problemType(response: Response_): string;
  messageFor(action: Action | { step: string; body: Json }, response: Response_, target?: string): { text: string; isWrong: boolean };
  CentreDirectory: new (onChange: () => void) => CentreDirectory;
  CounterView: new (names: CentreDirectory, clock: ServerClock) => CounterView;
  CounterQueue: new (names: CentreDirectory, onCall: (ticket: Json) => void, onFullQueue: () => void) => {
    draw(counter: Json): void; tick(): void;
  };
  HandoverNotice: new (ownName: string) => { draw(counter: Json): void };
  CounterShortcuts: new (runStep: (step: string) => void) => CounterShortcuts;
  ShortcutsDialog: new (keys: CounterShortcuts) => { open(): void };
  ParkDialog: new (onPark: (body: Json) => void) => { open(): void };
  TransferDialog: new (names: CentreDirectory, ownCounter: string, onTransfer: (step: string, body: Json, target: string) => void) => { open(step?: string): void };
  CallDialog: new (onCall: (body: Json) => void) => { open(): void };
  MenuDialog: new (onStep: (step: string, body: Json) => void) => { open(): void; close(): void };
  LastCounterDialog: new (onConfirm: (request: Json) => void) => { open(action: Json, queues: Json[]): void };
  isOpenVisit(call: Json): boolean;
  formatMinutes(seconds: number): string;
  plainText(text: string): string;
  // The page where staff issue a ticket.
  ProcedureSearch: new (onChoice: (chosen: Json) => void) => ProcedureSearch;
  IssuedTicketCard: new (search: ProcedureSearch) => IssuedTicketCard;
  issuedTicketRow(issued: Json, kiosks: Json[], department: Json, open: (ticket: Json) => void): HTMLLIElement;
  kioskProblem(kiosk: Json): string;
  slipText(orders: Json[], kiosks: Json[]): [string, string];
  queueText(one: Json, people: string): string;
  waitingText(one: Json): string;
}

interface Window {
  motcua: Motcua;
  webkitAudioContext: typeof AudioContext;
}
