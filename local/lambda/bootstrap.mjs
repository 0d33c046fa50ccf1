/**
 * The process inside an execution environment: loads the handler, then serves one invocation at a
 * time over IPC, as the managed Node.js runtime does. Plain JavaScript, because it runs under the
 * bare `node` binary, without a TypeScript loader.
 *
 * @import { EnvironmentMessage, FunctionError, InvokeMessage } from './protocol.ts'
 * @typedef {(event: unknown, context: object, callback: Function) => unknown} Handler
 * @typedef {{ value?: unknown } | { error: unknown }} Outcome
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** The same text as END_OF_OUTPUT in protocol.ts, which plain `node` cannot import. */
const END_OF_OUTPUT = '\0end ';
const UNHANDLED_REJECTION_EXIT_CODE = 128;
const UNCAUGHT_EXCEPTION_EXIT_CODE = 129;

// Taken before the handler loads: it must not be able to answer in our place or mute the markers.
const ipcSend = /** @type {NonNullable<typeof process.send>} */ (process.send).bind(process);
const channel = /** @type {{ ref(): void, unref(): void }} */ (process.channel);
const writeStdout = process.stdout.write.bind(process.stdout);
const writeStderr = process.stderr.write.bind(process.stderr);
process.send = undefined;

/** @type {{ requestId: string, onEmptyLoop: () => void } | undefined} */
let current;

process.on('uncaughtException', (error) => {
  die('Uncaught Exception', describe(error), UNCAUGHT_EXCEPTION_EXIT_CODE);
});
process.on('unhandledRejection', (reason) => {
  const { errorMessage, errorType, trace } = describe(reason);
  const error = {
    errorType: 'Runtime.UnhandledPromiseRejection',
    errorMessage: reason instanceof Error ? `${errorType}: ${errorMessage}` : errorMessage,
    trace: trace ?? [],
  };
  die('Unhandled Promise Rejection', error, UNHANDLED_REJECTION_EXIT_CODE);
});
// Lambda answers null when nothing is left that could settle the handler.
process.on('beforeExit', () => current?.onEmptyLoop());
// The runner is gone, perhaps by SIGKILL: nobody else would end this process group.
process.on('disconnect', () => process.kill(-process.pid, 'SIGKILL'));

serve();

/**
 * One async chain from loading to the last invocation. Not an event callback per message: the X-Ray
 * SDK enters its context while it loads, and only what continues from there can see it.
 */
async function serve() {
  const nextMessage = messageQueue();
  const handler = await loadHandler(process.env._HANDLER ?? '').catch((error) =>
    die('Init Error', describe(error), 1),
  );
  if (!handler) return;
  send({ kind: 'ready' });
  for (;;) {
    const message = await nextMessage();
    const outcome = await run(handler, message);
    channel.ref();
    report(message.requestId, outcome);
    current = undefined;
  }
}

/** @returns {() => Promise<InvokeMessage>} */
function messageQueue() {
  /** @type {InvokeMessage[]} */
  const waiting = [];
  /** @type {((message: InvokeMessage) => void) | undefined} */
  let wake;
  process.on('message', (message) => {
    const invoke = /** @type {InvokeMessage} */ (message);
    if (wake) wake(invoke);
    else waiting.push(invoke);
    wake = undefined;
  });
  return () => {
    const first = waiting.shift();
    if (first) return Promise.resolve(first);
    return new Promise((resolve) => {
      wake = resolve;
    });
  };
}

/**
 * @param {string} reference `path/file.export`, where export may be nested
 * @returns {Promise<Handler>}
 */
async function loadHandler(reference) {
  const match = /^((?:.*\/)?[^./][^/]*?)\.([^/]+)$/.exec(reference);
  if (!match?.[1] || !match[2] || reference.includes('..')) {
    throw runtimeError('Runtime.MalformedHandlerName', `Bad handler: ${reference}`);
  }
  const base = path.resolve(process.env.LAMBDA_TASK_ROOT ?? '', match[1]);
  const file = ['.js', '.mjs', '.cjs'].map((end) => base + end).find((name) => existsSync(name));
  if (!file) {
    throw runtimeError(
      'Runtime.ImportModuleError',
      `Error: Cannot find module '${match[1]}' in ${process.env.LAMBDA_TASK_ROOT}`,
    );
  }
  const loaded = await importModule(file);
  const handler = member(loaded, match[2]) ?? member(loaded.default, match[2]);
  if (handler === undefined) {
    throw runtimeError(
      'Runtime.HandlerNotFound',
      `${reference} is undefined or not exported: export a function named "${match[2]}" from ${file}`,
    );
  }
  if (typeof handler !== 'function') {
    throw runtimeError('Runtime.HandlerNotFound', `${reference} is not a function`);
  }
  return /** @type {Handler} */ (handler);
}

/** @param {string} file */
async function importModule(file) {
  try {
    return await import(pathToFileURL(file).href);
  } catch (error) {
    const missing = ['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'];
    if (error instanceof Error && 'code' in error && missing.includes(String(error.code))) {
      throw runtimeError('Runtime.ImportModuleError', `Error: ${error.message}`);
    }
    if (error instanceof SyntaxError) {
      throw runtimeError('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`);
    }
    throw error;
  }
}

/**
 * @param {unknown} exported
 * @param {string} dottedPath
 */
function member(exported, dottedPath) {
  return dottedPath
    .split('.')
    .reduce((value, key) => /** @type {Record<string, unknown>} */ (value)?.[key], exported);
}

/**
 * @param {Handler} handler
 * @param {InvokeMessage} message
 * @returns {Promise<Outcome>}
 */
function run(handler, message) {
  process.env._X_AMZN_TRACE_ID = message.traceHeader;
  return new Promise((settle) => {
    current = { requestId: message.requestId, onEmptyLoop: () => settle({ value: null }) };
    const context = createContext(message, callback);
    // The channel alone must not count as work, or an empty event loop would never show.
    channel.unref();
    try {
      const returned = handler(JSON.parse(message.eventJson), context, callback);
      if (isThenable(returned)) {
        returned.then(
          (value) => settle({ value }),
          (error) => settle({ error }),
        );
      }
    } catch (error) {
      settle({ error });
    }

    /**
     * @param {unknown} [error]
     * @param {unknown} [value]
     */
    function callback(error, value) {
      if (error !== null && error !== undefined) settle({ error });
      else if (!context.callbackWaitsForEmptyEventLoop) settle({ value });
      else if (current) current.onEmptyLoop = () => settle({ value });
    }
  });
}

/**
 * @param {unknown} value
 * @returns {value is PromiseLike<unknown>}
 */
function isThenable(value) {
  return typeof (/** @type {PromiseLike<unknown>} */ (value)?.then) === 'function';
}

/**
 * @param {InvokeMessage} message
 * @param {(error?: unknown, value?: unknown) => void} callback
 */
function createContext(message, callback) {
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: process.env.AWS_LAMBDA_FUNCTION_VERSION,
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: process.env.AWS_LAMBDA_LOG_GROUP_NAME,
    logStreamName: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
    invokedFunctionArn: message.invokedFunctionArn,
    awsRequestId: message.requestId,
    clientContext: message.clientContext,
    identity: undefined,
    getRemainingTimeInMillis: () => Math.max(0, message.deadlineMs - Date.now()),
    done: callback,
    fail: (/** @type {unknown} */ error) => callback(error ?? new Error('handled')),
    succeed: (/** @type {unknown} */ value) => callback(null, value),
  };
}

/**
 * @param {string} requestId
 * @param {Outcome} outcome
 */
function report(requestId, outcome) {
  const rssBytes = process.memoryUsage.rss();
  const result = 'error' in outcome ? outcome : stringify(outcome.value);
  if ('error' in result) {
    const error = describe(result.error);
    writeStderr(`Invoke Error\t${JSON.stringify(error)}\n`);
    markEndOfOutput(requestId);
    send({ kind: 'error', requestId, error, fatal: false, rssBytes });
  } else {
    markEndOfOutput(requestId);
    send({ kind: 'success', requestId, resultJson: result.json, rssBytes });
  }
}

/** @param {unknown} value */
function stringify(value) {
  try {
    return { json: JSON.stringify(value) ?? 'null' };
  } catch (cause) {
    return { error: new Error('Unable to stringify response body', { cause }) };
  }
}

/** @param {string} requestId */
function markEndOfOutput(requestId) {
  writeStdout(`${END_OF_OUTPUT}${requestId}\n`);
  writeStderr(`${END_OF_OUTPUT}${requestId}\n`);
}

/**
 * @param {string} headline
 * @param {FunctionError} error
 * @param {number} exitCode
 */
function die(headline, error, exitCode) {
  writeStderr(`${headline}\t${JSON.stringify(error)}\n`);
  const rssBytes = process.memoryUsage.rss();
  send({ kind: 'error', requestId: current?.requestId, error, fatal: true, rssBytes }, () =>
    process.exit(exitCode),
  );
}

/**
 * @param {EnvironmentMessage} message
 * @param {() => void} [sent]
 */
function send(message, sent) {
  ipcSend(message, undefined, undefined, () => sent?.());
}

/**
 * @param {unknown} error
 * @returns {FunctionError}
 */
function describe(error) {
  if (error instanceof Error) {
    const trace = (error.stack ?? '').split('\n');
    return { errorType: error.name, errorMessage: error.message, trace };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

/**
 * @param {string} name
 * @param {string} text
 */
function runtimeError(name, text) {
  const error = new Error(text);
  error.name = name;
  return error;
}
