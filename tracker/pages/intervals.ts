/** Sets of half-open intervals in ms, as sorted lists of disjoint pairs: what `core/sections.py` is on the server. */

export type Pair = readonly [start: number, end: number];
export type Intervals = readonly Pair[];

/** From pairs in any order, overlapping or not. */
export function intervals(pairs: Iterable<Pair>): Intervals {
  const joined: [number, number][] = [];
  for (const [start, end] of [...pairs].sort((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else if (start < end) joined.push([start, end]);
  }
  return joined;
}

export function union(a: Intervals, b: Intervals): Intervals {
  return intervals([...a, ...b]);
}

export function minus(a: Intervals, b: Intervals): Intervals {
  return a.flatMap(([start, end]) => gaps(b, start, end));
}

export function intersect(a: Intervals, b: Intervals): Intervals {
  return minus(a, minus(a, b));
}

/** What of `[start, end)` is not in the set. */
export function gaps(set: Intervals, start: number, end: number): Pair[] {
  const free: Pair[] = [];
  let from = start;
  for (const [taken, until] of set) {
    if (taken >= end) break;
    if (taken > from) free.push([from, taken]);
    from = Math.max(from, until);
  }
  if (from < end) free.push([from, end]);
  return free;
}

export function contains(set: Intervals, at: number): boolean {
  return set.some(([start, end]) => start <= at && at < end);
}
