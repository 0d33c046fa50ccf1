import {
  type EnvironmentHost,
  ExecutionEnvironment,
  type InvocationOutcome,
} from './execution-environment.ts';
import type { FunctionConfig } from './function-config.ts';
import type { FunctionLog } from './function-log.ts';
import type { FunctionError } from './protocol.ts';
import { lambdaSegments, throttledSegment } from './segments.ts';
import { continueTrace, formatTraceHeader, newSegmentId } from './trace-header.ts';

/** One attempt to run a function. */
export interface Invocation {
  requestId: string;
  eventJson: string;
  traceHeader?: string;
  clientContext?: unknown;
  /** Only of queued events: which attempt this is, from 1, and when it began to wait. */
  queued?: { attempt: number; waitingSinceMs: number };
}

/** What came of an attempt: `error` for a function error, else `resultJson`. */
export interface InvocationEnd {
  resultJson: string;
  error?: FunctionError;
  /** The last 4 KB of the invocation's log. */
  logTail: string;
}

export interface RuntimeHost extends EnvironmentHost {
  accountId: string;
  /** How long a warm environment is kept without work. */
  idleTimeoutMs: number;
  emitSegment: (segment: object) => void;
  /** Called whenever an invocation has ended and its concurrency is free again. */
  onRelease: () => void;
}

/** One function with its execution environments, warm and busy. */
export class FunctionRuntime {
  readonly #environments = new Set<ExecutionEnvironment>();
  /** The warm ones; the last used is taken first, so that the surplus ages. */
  readonly #warm: ExecutionEnvironment[] = [];
  readonly #reapers = new Map<ExecutionEnvironment, NodeJS.Timeout>();
  /** Whose output the lines of an environment are. */
  readonly #requestIds = new Map<ExecutionEnvironment, string>();
  #running = 0;
  #closed = false;

  constructor(
    readonly config: FunctionConfig,
    private readonly host: RuntimeHost,
    private readonly log: FunctionLog,
  ) {}

  get running(): number {
    return this.#running;
  }

  /** Whether the function's reserved concurrency, if it has one, allows one more invocation. */
  get hasCapacity(): boolean {
    return this.#running < (this.config.reservedConcurrency ?? Number.POSITIVE_INFINITY);
  }

  /** Adds a line of Lambda's own to the function's log. */
  note(line: string, requestId?: string): void {
    this.log.write('platform', line, requestId);
  }

  /** Records a call that was turned away. */
  throttle(traceHeader: string | undefined): void {
    const trace = continueTrace(traceHeader, this.config.tracing);
    if (this.config.tracing && trace.sampled) {
      this.host.emitSegment(throttledSegment(this.config, trace));
    }
  }

  /**
   * Runs the handler once, in a warm environment if there is one. The caller checks `hasCapacity`.
   * A function error is in the result; it throws only after `close`.
   */
  async run(invocation: Invocation): Promise<InvocationEnd> {
    if (this.#closed) throw new Error(`${this.config.functionName} is closed.`);
    this.#running++;
    try {
      return await this.#attempt(invocation);
    } finally {
      this.#running--;
      this.host.onRelease();
    }
  }

  /** Takes no more work and keeps nothing warm; what is running may finish. */
  retire(): void {
    this.#closed = true;
    for (const environment of this.#warm) void environment.kill();
  }

  /** Kills every environment; invocations under way end with an error. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#environments].map((environment) => environment.kill()));
  }

  async #attempt(invocation: Invocation): Promise<InvocationEnd> {
    const { config, log } = this;
    const { requestId } = invocation;
    const startedAtMs = Date.now();
    const trace = continueTrace(invocation.traceHeader, config.tracing);
    const traced = config.tracing && trace.sampled;
    const functionSegmentId = newSegmentId();
    log.beginTail(requestId);

    const warm = this.#takeWarm();
    const environment = warm ?? this.#start();
    const initFailure = warm ? undefined : await environment.init();
    const initEndedAtMs = warm ? undefined : Date.now();

    log.write('platform', `START RequestId: ${requestId} Version: $LATEST`, requestId);
    this.#requestIds.set(environment, requestId);
    const outcome =
      initFailure ??
      (await environment.invoke({
        requestId,
        eventJson: invocation.eventJson,
        traceHeader: formatTraceHeader(traced ? { ...trace, parentId: functionSegmentId } : trace),
        invokedFunctionArn: config.functionArn,
        clientContext: invocation.clientContext,
      }));
    this.#requestIds.delete(environment);
    const endedAtMs = Date.now();
    this.#writeReport(requestId, outcome, environment, {
      durationMs: endedAtMs - (initEndedAtMs ?? startedAtMs),
      ...(initEndedAtMs ? { initMs: initEndedAtMs - startedAtMs } : {}),
    });
    this.#release(environment);
    if (traced) {
      const segments = lambdaSegments({
        config,
        accountId: this.host.accountId,
        requestId,
        trace,
        functionSegmentId,
        receivedAtMs: invocation.queued?.waitingSinceMs ?? startedAtMs,
        startedAtMs,
        endedAtMs,
        ...(initEndedAtMs ? { initEndedAtMs } : {}),
        ...(invocation.queued ? { attempt: invocation.queued.attempt } : {}),
        ...(outcome.error ? { error: outcome.error } : {}),
      });
      for (const segment of segments) this.host.emitSegment(segment);
    }
    return {
      resultJson: outcome.resultJson ?? JSON.stringify(outcome.error),
      ...(outcome.error ? { error: outcome.error } : {}),
      logTail: log.endTail(requestId),
    };
  }

  #takeWarm(): ExecutionEnvironment | undefined {
    const environment = this.#warm.pop();
    clearTimeout(environment && this.#reapers.get(environment));
    // One that has died in its sleep is on its way out of the list.
    return environment?.alive === false ? this.#takeWarm() : environment;
  }

  #start(): ExecutionEnvironment {
    const environment: ExecutionEnvironment = new ExecutionEnvironment(
      this.config,
      this.host,
      (stream, line) => this.log.write(stream, line, this.#requestIds.get(environment)),
    );
    this.#environments.add(environment);
    void environment.ended.then((reason) => this.#forget(environment, reason));
    return environment;
  }

  /** Back among the warm ones, unless the invocation or the runner has ended its life. */
  #release(environment: ExecutionEnvironment): void {
    if (!environment.alive) return;
    if (this.#closed) {
      void environment.kill();
      return;
    }
    this.#warm.push(environment);
    const reaper = setTimeout(() => {
      this.#unwarm(environment);
      void environment.kill();
    }, this.host.idleTimeoutMs);
    reaper.unref();
    this.#reapers.set(environment, reaper);
  }

  #forget(environment: ExecutionEnvironment, reason: string): void {
    this.#environments.delete(environment);
    if (this.#unwarm(environment) && !this.#closed) {
      this.note(`${reason}, between two invocations: work was left behind after an answer`);
    }
    clearTimeout(this.#reapers.get(environment));
    this.#reapers.delete(environment);
  }

  /** @returns whether it was warm */
  #unwarm(environment: ExecutionEnvironment): boolean {
    const at = this.#warm.indexOf(environment);
    if (at >= 0) this.#warm.splice(at, 1);
    return at >= 0;
  }

  #writeReport(
    requestId: string,
    outcome: InvocationOutcome,
    environment: ExecutionEnvironment,
    times: { durationMs: number; initMs?: number },
  ): void {
    const platform = (line: string) => this.log.write('platform', line, requestId);
    // Errors of the platform have no trace; the code's own are in the log already.
    if (outcome.error && !outcome.error.trace) platform(outcome.error.errorMessage);
    platform(`END RequestId: ${requestId}`);
    const fields = [
      `REPORT RequestId: ${requestId}`,
      `Duration: ${times.durationMs.toFixed(2)} ms`,
      `Billed Duration: ${times.durationMs + (times.initMs ?? 0)} ms`,
      `Memory Size: ${this.config.memoryMb} MB`,
      `Max Memory Used: ${Math.ceil(environment.maxMemoryBytes / 1024 / 1024)} MB`,
    ];
    if (times.initMs !== undefined) fields.push(`Init Duration: ${times.initMs.toFixed(2)} ms`);
    if (outcome.status !== 'success') fields.push(`Status: ${outcome.status}`);
    if (outcome.error) fields.push(`Error Type: ${outcome.error.errorType}`);
    platform(fields.join('\t'));
  }
}
