/** What a run's log tells, line by line: numbers of trainings by stage, and how stages went. */
export class Journal {
  /** Where to go on, and the mark of that place: both for the next request. */
  next = 0;
  mark = "";
  /**
   * Stage → `{steps, times, losses, rates, speed, validations, total, state, seconds, work}`.
   *
   * @type {Map<string, any>}
   */
  stages = new Map();
  /**
   * Seconds since the start, and bytes.
   *
   * @type {[number, number][]}
   */
  memory = [];
  /** @type {string[]} */
  notes = [];
  /**
   * Why the run ended early.
   *
   * @type {string | undefined}
   */
  message = undefined;
  /**
   * When it began, in seconds.
   *
   * @type {number | undefined}
   */
  began = undefined;
  /**
   * The stage that was named last.
   *
   * @type {string | undefined}
   */
  current = undefined;

  /** Forgets all. */
  clear() {
    Object.assign(this, new Journal());
  }

  /**
   * Adds a part of the log.
   *
   * @param {string} text a line that says where to go on, then events
   * @returns {boolean} whether anything came
   */
  add(text) {
    const [head, ...lines] = text.split("\n");
    const { whole, next, mark } = JSON.parse(head);
    if (whole) this.clear();
    this.next = next;
    this.mark = mark;
    let came = false;
    for (const line of lines) {
      if (line === "") continue;
      try {
        this.#event(JSON.parse(line));
        came = true;
      } catch {
        // A line that a crash has cut.
      }
    }
    return came || whole;
  }

  #stage(id) {
    let stage = this.stages.get(id);
    if (!stage) {
      stage = { steps: [], times: [], losses: new Map(), rates: [], speed: [], validations: [] };
      this.stages.set(id, stage);
    }
    return stage;
  }

  #event(event) {
    const time = Date.parse(event.time) / 1000;
    if (event.stage !== undefined) this.current = event.stage;
    if (event.event === "start") {
      this.began ??= time;
      this.message = undefined;
    } else if (event.event === "stage") {
      const { state, seconds } = event;
      Object.assign(this.#stage(event.stage), { state, seconds, work: undefined });
    } else if (event.event === "step") this.#step(this.#stage(event.stage), event, time);
    else if (event.event === "validation") {
      this.#stage(event.stage).validations.push({ step: event.step, scores: event.scores });
    } else if (event.event === "progress") {
      const { done, total, unit } = event, stage = this.#stage(event.stage);
      stage.work = { done, total, unit, time, first: stage.work?.first ?? { done, time } };
    } else if (event.event === "memory") this.memory.push([time - this.began, event.bytes]);
    else if (event.event === "note") this.notes.push(`${event.stage}: ${event.text}`);
    else if (event.event === "error") this.message = event.message;
  }

  #step(stage, { step, totalSteps, losses, rates, samplesPerSecond }, time) {
    stage.total = totalSteps;
    stage.steps.push(step);
    stage.times.push(time);
    stage.speed.push(samplesPerSecond);
    for (const name of Object.keys(losses)) {
      // A loss that starts later has no numbers before.
      if (!stage.losses.has(name)) {
        stage.losses.set(name, new Array(stage.steps.length - 1).fill(null));
      }
    }
    for (const [name, values] of stage.losses) values.push(losses[name] ?? null);
    rates.forEach((rate, g) => {
      stage.rates[g] ??= new Array(stage.steps.length - 1).fill(null);
      stage.rates[g].push(rate);
    });
  }
}

/** Steps by whose pace the time left is told. */
const PACE = 50;

/**
 * Seconds that a stage will still take: a training at the pace of its last steps, other work at its pace so far.
 *
 * @param stage of a journal
 * @returns {number | undefined} nothing before the pace is known, or once it is done
 */
export function secondsLeft({ steps, times, total, work }) {
  if (work) {
    const { done, first, time } = work;
    return done > first.done
      ? (time - first.time) / (done - first.done) * (work.total - done)
      : undefined;
  }
  const count = Math.min(PACE, steps.length - 1);
  if (count < 1 || !(total > steps.at(-1))) return undefined;
  const passed = times.at(-1) - times.at(-1 - count), done = steps.at(-1) - steps.at(-1 - count);
  return done > 0 ? passed / done * (total - steps.at(-1)) : undefined;
}

/**
 * Names the learning rates that a training logs: by the recipe's groups; those without parameters have no rate, so where some are
 * missing, by number. `rateNames` of seamstress/wsss is the same.
 *
 * @param {string[]} names of groups; the last is of what none of them matches, which may be nothing
 * @param {number} count of rates
 * @returns {string[]}
 */
export function rateNames(names, count) {
  if (count === names.length || count === names.length - 1) return names.slice(0, count);
  return Array.from({ length: count }, (_, g) => `group ${g + 1}`);
}

/**
 * Averages over equally many consecutive points, so that a curve has not more than can be seen.
 *
 * @param {number[]} xs ascending
 * @param {(number | null)[]} ys
 * @param {number} most
 * @returns {[number[], (number | null)[]]}
 */
export function thin(xs, ys, most = 600) {
  if (xs.length <= most) return [xs, ys];
  const mean = (values) => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  const x = [], y = [];
  for (let bin = 0; bin < most; bin++) {
    const from = Math.floor(bin * xs.length / most), to = Math.floor((bin + 1) * xs.length / most);
    x.push(mean(xs.slice(from, to)));
    y.push(mean(ys.slice(from, to)));
  }
  return [x, y];
}
