import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { AwsError, type AwsService } from '../gateway/service.ts';
import { AsyncQueue } from './async-queue.ts';
import type { EnvironmentSettings } from './environment-variables.ts';
import { EventStore } from './event-store.ts';
import { checkFunctionName, type FunctionConfig, functionNameOf } from './function-config.ts';
import { FunctionLog, type LogEntry } from './function-log.ts';
import { FunctionRuntime, type RuntimeHost } from './function-runtime.ts';
import { handleHttp } from './http-api.ts';
import { MemorySampler } from './process-group.ts';
import { continueTrace, formatTraceHeader } from './trace-header.ts';

export type { FunctionConfig } from './function-config.ts';
export type { LogEntry } from './function-log.ts';

export interface LambdaOptions extends EnvironmentSettings {
  /** Holds `queue/`, `logs/` and `tmp/`; owned by one runner at a time. */
  stateDir: string;
  accountId: string;
  /** Delay before the n-th retry of a queued event. Default Lambda's own: 1 and 2 minutes. */
  retryDelaysMs?: readonly number[];
  /** How long a warm environment is kept without work. Default 5 minutes. */
  idleTimeoutMs?: number;
  /**
   * Queued events of functions without reserved concurrency that run at once: the account's limit,
   * which on one machine is its processors. Synchronous calls do not wait for it. Default twice the
   * processors, at least 4.
   */
  unreservedConcurrency?: number;
  onLog?: (entry: LogEntry) => void;
  /** Delivers an invocation record; a rejection is retried until it resolves. */
  sendToDestination: (arn: string, record: object) => Promise<void>;
  /** Takes the segments that the Lambda service itself sends to X-Ray. */
  emitSegment?: (segment: object) => void;
}

export interface InvokeOptions {
  traceHeader?: string;
  /** What the handler finds in `context.clientContext`. */
  clientContext?: unknown;
}

export interface InvocationResult {
  requestId: string;
  /** The handler's result, or `{errorType, errorMessage, trace}` of a function error. */
  payload: unknown;
  functionError?: 'Unhandled';
  /** The last 4 KB of the invocation's log. */
  logTail: string;
}

/** The Lambda service: functions as process groups, a durable queue, and the REST API over it. */
export interface LambdaService extends AwsService {
  /** Adds a function, or replaces it: what is running finishes with the old code. */
  register(config: FunctionConfig): void;
  /**
   * Runs a function and waits for its result; a function error is a result.
   * @throws AwsError `ResourceNotFoundException`, `TooManyRequestsException` (429), `ServiceException`
   */
  invoke(nameOrArn: string, payload: unknown, options?: InvokeOptions): Promise<InvocationResult>;
  /**
   * Queues an event; resolves when it is on disk.
   * @throws AwsError `ResourceNotFoundException`, `ServiceException`
   */
  invokeAsync(
    nameOrArn: string,
    payload: unknown,
    options?: Pick<InvokeOptions, 'traceHeader'>,
  ): Promise<{ requestId: string }>;
  /** @throws AwsError `ResourceNotFoundException` */
  describe(nameOrArn: string): FunctionConfig;
  list(): FunctionConfig[];
  /** Resolves when nothing runs and no event of a registered function is queued. */
  idle(): Promise<void>;
  /** Kills everything; queued events stay on disk. */
  close(): Promise<void>;
}

const DEFAULT_RETRY_DELAYS_MS = [60_000, 120_000];
const DEFAULT_IDLE_TIMEOUT_MS = 5 * 60_000;

export function createLambda(options: LambdaOptions): LambdaService {
  const tempRoot = path.resolve(options.stateDir, 'tmp');
  // Left by a runner that was killed; its environments died with it.
  rmSync(tempRoot, { recursive: true, force: true });

  const runtimes = new Map<string, FunctionRuntime>();
  const logs = new Map<string, FunctionLog>();
  /** Replaced ones, whose last invocations may still run. */
  const retired: FunctionRuntime[] = [];
  let idleWaiters: (() => void)[] = [];
  let closed = false;

  const host: RuntimeHost = {
    ...options,
    tempRoot,
    memory: new MemorySampler(),
    idleTimeoutMs: options.idleTimeoutMs ?? DEFAULT_IDLE_TIMEOUT_MS,
    emitSegment: options.emitSegment ?? (() => undefined),
    onRelease: () => {
      queue.pump();
      settleIdle();
    },
  };
  const queue = new AsyncQueue({
    store: new EventStore(path.resolve(options.stateDir, 'queue')),
    runtimeOf: (functionName) => runtimes.get(functionName),
    retryDelaysMs: options.retryDelaysMs ?? DEFAULT_RETRY_DELAYS_MS,
    unreservedConcurrency: options.unreservedConcurrency ?? Math.max(4, 2 * availableParallelism()),
    sendToDestination: options.sendToDestination,
    onEmpty: () => settleIdle(),
  });

  const lambda: LambdaService = {
    register(config) {
      checkFunctionName(config.functionName);
      const previous = runtimes.get(config.functionName);
      if (previous) {
        retired.push(previous);
        previous.retire();
      }
      runtimes.set(config.functionName, new FunctionRuntime(config, host, logOf(config)));
      queue.pump();
    },

    async invoke(nameOrArn, payload, { traceHeader, clientContext } = {}) {
      const runtime = find(nameOrArn);
      if (!runtime.hasCapacity) {
        runtime.throttle(traceHeader);
        throw new AwsError('TooManyRequestsException', 'Rate Exceeded.', 429);
      }
      const requestId = randomUUID();
      const end = await runtime.run({
        requestId,
        eventJson: JSON.stringify(payload) ?? '{}',
        traceHeader,
        clientContext,
      });
      if (closed && end.error) throw shuttingDown();
      return {
        requestId,
        payload: JSON.parse(end.resultJson),
        ...(end.error ? { functionError: 'Unhandled' as const } : {}),
        logTail: end.logTail,
      };
    },

    async invokeAsync(nameOrArn, payload, { traceHeader } = {}) {
      const { config } = find(nameOrArn);
      // Fixed here, so that all attempts of the event lie in one trace.
      const trace = formatTraceHeader(continueTrace(traceHeader, config.tracing));
      const eventJson = JSON.stringify(payload) ?? '{}';
      return { requestId: await queue.add(config.functionName, eventJson, trace) };
    },

    describe: (nameOrArn) => find(nameOrArn).config,
    list: () => [...runtimes.values()].map((runtime) => runtime.config),
    handle: (request, response, call) => handleHttp(lambda, request, response, call),

    idle() {
      return new Promise((resolve) => {
        idleWaiters.push(resolve);
        settleIdle();
      });
    },

    async close() {
      closed = true;
      queue.stop();
      await Promise.all([...runtimes.values(), ...retired].map((runtime) => runtime.close()));
      await queue.stopped();
      await Promise.all([...logs.values()].map((log) => log.close()));
      rmSync(tempRoot, { recursive: true, force: true, maxRetries: 3 });
    },
  };
  return lambda;

  function find(nameOrArn: string): FunctionRuntime {
    if (closed) throw shuttingDown();
    const runtime = runtimes.get(functionNameOf(nameOrArn));
    if (runtime) return runtime;
    throw new AwsError('ResourceNotFoundException', `Function not found: ${nameOrArn}`, 404);
  }

  function logOf(config: FunctionConfig): FunctionLog {
    const directory = path.resolve(options.stateDir, 'logs');
    const log =
      logs.get(config.functionName) ??
      new FunctionLog(directory, config.functionName, options.onLog);
    logs.set(config.functionName, log);
    return log;
  }

  function settleIdle(): void {
    if (!queue.empty || [...runtimes.values()].some((runtime) => runtime.running > 0)) return;
    for (const resolve of idleWaiters) resolve();
    idleWaiters = [];
  }
}

function shuttingDown(): AwsError {
  return new AwsError('ServiceException', 'The Lambda service is shutting down.', 503);
}
