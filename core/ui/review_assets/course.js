/** Which picture comes next, what was decided, and what the server was asked and hasn't answered yet. Knows no page. */
function makeCourse() {
  const tab = Math.random().toString(36).slice(2);
  const known = new Map(); // picture id → what is shown of it
  const decided = new Map(); // picture id → { seq, action, decision }: decided here and not taken back
  const skipped = new Set();
  const trail = []; // ids in the order they were looked at
  let at = -1, seq = 0, heard = 0, waiting = [], queue = [];

  const isOpen = (id) => !decided.has(id);
  const current = () => known.get(trail[at]) || null;
  const upcoming = () => queue.filter((id) => isOpen(id) && !skipped.has(id) && id !== trail[at]);

  function visit(id) {
    trail.splice(at + 1);
    trail.push(id);
    at = trail.length - 1;
  }

  function forward() {
    if (at + 1 < trail.length) { at += 1; return; }
    const [id] = upcoming();
    if (id !== undefined) visit(id);
    else if (at >= 0 && known.has(trail[at])) visit(null); // past the last one: the end, or more to come
  }

  /** After a decision, what was passed over on the way back isn't shown once more. */
  function onward() {
    while (at + 1 < trail.length) {
      at += 1;
      if (trail[at] !== null && isOpen(trail[at])) return;
    }
    const [id] = upcoming();
    visit(id === undefined ? null : id);
  }

  function ask(action, id, more = {}) {
    seq += 1;
    waiting.push({ seq, action, id, ...more });
    return seq;
  }

  return {
    current,
    upcoming: () => upcoming().map((id) => known.get(id)),
    decisionOn: (id) => decided.get(id),
    isAtEnd: () => current() === null,
    hasBefore: () => trail.slice(0, at).some((id) => id !== null),
    hasSkipped: () => [...skipped].some(isOpen),
    /** Decisions less takings back that the server hasn't counted yet. */
    uncounted: () => waiting.reduce((sum, order) => sum + (order.action === "undo" ? -1 : 1), 0),
    hasUnanswered: () => waiting.length > 0,
    recent: () => trail.slice(-4).map((id) => known.get(id)).filter(Boolean),
    decide(action, more) {
      const one = current();
      if (!one || !isOpen(one.id)) return null;
      skipped.delete(one.id);
      decided.set(one.id, { seq: ask(action, one.id, more), action });
      onward();
      return one;
    },
    /** The last decision that stands: its picture is looked at again. */
    undo(id = [...decided.keys()].at(-1)) {
      const last = decided.get(id);
      if (!last) return null;
      decided.delete(id);
      ask("undo", id, { undoes: last.seq, decision: last.decision, was: last });
      visit(id);
      return known.get(id);
    },
    next() {
      const one = current();
      if (one && isOpen(one.id) && at + 1 >= trail.length) skipped.add(one.id);
      forward();
    },
    back() {
      const before = trail.slice(0, at).findLastIndex((id) => id !== null);
      if (before < 0) return false;
      at = before;
      return true;
    },
    again() { skipped.clear(); onward(); },
    /** The server's answer: newest pictures, and what became of the decisions. Gives those that failed. */
    hear(data) {
      for (const one of data.cases) known.set(one.id, one);
      const failed = [];
      for (const answer of data.answers) {
        if (answer.tab !== tab || answer.seq <= heard) continue;
        heard = answer.seq;
        const order = waiting.find((one) => one.seq === answer.seq);
        waiting = waiting.filter((one) => one.seq !== answer.seq);
        if (answer.error && order && order.was && !decided.has(order.id)) decided.set(order.id, order.was);
        const standing = order && decided.get(order.id);
        if (standing && standing.seq === answer.seq) {
          if (answer.error) decided.delete(order.id);
          else standing.decision = answer.decision;
        }
        if (answer.error && order) failed.push({ one: known.get(order.id), error: answer.error });
      }
      // The same picture once more: made again, or taken back elsewhere.
      for (const { id } of data.cases) {
        if (decided.has(id) && !waiting.some((order) => order.id === id)) decided.delete(id);
      }
      queue = data.cases.map((one) => one.id);
      if (current() === null) {
        if (at >= 0) trail.splice(at);
        at = trail.length - 1;
        onward();
      }
      return failed;
    },
    look(id) { if (known.has(id)) visit(id); },
    message: (beat) => ({ tab, beat, orders: waiting, skipped: [...skipped].filter(isOpen) }),
  };
}
