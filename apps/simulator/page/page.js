/** The simulator's page: live calls with a hand at the callee's phone, and the ledger as it grows. */
const mostShown = 400;
const byId = (id) => document.getElementById(id);
const [calls, ledger, problem] = ['calls', 'ledger', 'problem'].map(byId);
const filter = { call: byId('filter-call'), kind: byId('filter-kind') };
const final = new Set(['completed', 'busy', 'failed', 'no-answer', 'canceled']);

// Calls: read anew whenever the ledger says that one has changed, never two readings at a time.
let isReading = false;
let isStale = false;
async function readCalls() {
  isStale = true;
  if (isReading) return;
  isReading = true;
  try {
    while (isStale) {
      isStale = false;
      const response = await fetch('calls');
      if (response.ok) showCalls(await response.json());
    }
  } catch {
    isStale = false; // the connection's own line tells of it; its return reads anew
  }
  isReading = false;
}

function showCalls(all) {
  const shown = all.filter((call) => !byId('only-live').checked || !final.has(call.status)).slice(0, 200);
  const rows = new Map([...calls.children].map((row) => [row.dataset.sid, row]));
  for (const [at, call] of shown.entries()) {
    const row = rows.get(call.sid) ?? newRow(call.sid);
    rows.delete(call.sid);
    for (const cell of row.querySelectorAll('[data-field]')) {
      const text = String(call[cell.dataset.field] ?? '');
      if (cell.textContent !== text) cell.textContent = text;
    }
    for (const hand of row.querySelectorAll('[data-when]')) hand.hidden = hand.dataset.when !== call.status;
    row.setAttribute('aria-current', String(filter.call.value === call.sid));
    // Only what has moved is moved: what somebody types into a row must stay.
    if (calls.children[at] !== row) calls.insertBefore(row, calls.children[at] ?? null);
  }
  for (const row of rows.values()) row.remove();
  byId('no-calls').hidden = shown.length > 0;
}

function newRow(sid) {
  const row = byId('call-row').content.firstElementChild.cloneNode(true);
  row.dataset.sid = sid;
  row.querySelector('[data-do="choose"]').textContent = sid;
  row.addEventListener('click', ({ target }) => {
    const what = target.closest('[data-do]')?.dataset.do;
    if (what === 'choose') choose(filter.call.value === sid ? '' : sid);
    else if (what) void act(sid, what);
  });
  row.querySelector('form').addEventListener('submit', (event) => {
    event.preventDefault();
    const input = event.target.elements.namedItem('digits');
    void act(sid, 'press', { digits: input.value });
    input.value = '';
  });
  return row;
}

async function act(sid, what, body) {
  problem.hidden = true;
  try {
    const response = await fetch(`calls/${sid}/${what}`, {
      method: 'POST',
      ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error((await response.json()).detail ?? response.statusText);
  } catch (error) {
    problem.textContent = `${what}: ${error.message}`;
    problem.hidden = false;
  }
}

// The ledger: one stream for the calls, and one for what is shown if that is less than all.
function showEntry(entry) {
  const { seq, at, mono: _mono, kind, callSid: _callSid, ...facts } = entry;
  const line = document.createElement('li');
  const time = document.createElement('time');
  time.textContent = `${String(seq).padStart(6)} ${new Date(at).toISOString().slice(11, 23)} `;
  const name = document.createElement('b');
  name.textContent = kind;
  line.append(
    time,
    name,
    Object.entries(facts)
      .map(([fact, value]) => `${fact}=${JSON.stringify(value)}`)
      .join(' '),
  );
  line.title = entry.callSid ?? '';
  ledger.prepend(line);
  while (ledger.children.length > mostShown) ledger.lastChild.remove();
}

let shown;
function follow() {
  shown?.close();
  ledger.replaceChildren();
  const query = new URLSearchParams();
  for (const [name, input] of Object.entries(filter)) if (input.value) query.set(name, input.value.trim());
  byId('as-json').href = `ledger?${query}`;
  shown = new EventSource(`ledger/tail?${query}`);
  shown.onmessage = ({ data }) => {
    if (!byId('pause').checked) showEntry(JSON.parse(data));
  };
}

function choose(sid) {
  filter.call.value = sid;
  follow();
  void readCalls();
}

const changes = new EventSource('ledger/tail?kind=create-request,call-state');
changes.onmessage = () => void readCalls();
changes.onopen = () => {
  byId('connection').textContent = 'connected';
  void readCalls();
};
changes.onerror = () => {
  byId('connection').textContent = 'no connection, trying again…';
};
for (const input of Object.values(filter)) input.addEventListener('change', () => choose(filter.call.value));
byId('only-live').addEventListener('change', () => void readCalls());
byId('pause').addEventListener('change', () => byId('pause').checked || follow());
follow();
