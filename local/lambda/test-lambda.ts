import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach } from 'vitest';
import {
  createLambda,
  type FunctionConfig,
  type LambdaOptions,
  type LambdaService,
} from './index.ts';

const fixtures = path.join(import.meta.dirname, 'fixtures');
const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'splicebus-lambda-'));
  cleanups.push(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** A runner over the fixtures that is closed after the test; retries follow at once. */
export async function testLambda(options: Partial<LambdaOptions> = {}): Promise<LambdaService> {
  const lambda = createLambda({
    stateDir: options.stateDir ?? (await temporaryDirectory()),
    endpointUrl: 'http://127.0.0.1:4566',
    accountId: '000000000000',
    region: 'eu-central-1',
    retryDelaysMs: [0],
    sendToDestination: async () => undefined,
    ...options,
  });
  cleanups.push(() => lambda.close());
  return lambda;
}

/** @param handler `file.export` within the fixtures */
export function fixture(handler: string, config: Partial<FunctionConfig> = {}): FunctionConfig {
  const functionName = config.functionName ?? handler.split('.')[0] ?? handler;
  return {
    functionName,
    functionArn: `arn:aws:lambda:eu-central-1:000000000000:function:${functionName}`,
    handler,
    codeDir: fixtures,
    memoryMb: 256,
    timeoutSeconds: 30,
    environment: {},
    accessKeyId: 'AKIATESTFUNCTION',
    tracing: false,
    ...config,
  };
}

/** Serves the runner's REST API. @returns its endpoint */
export async function serve(
  lambda: LambdaService,
  authorize: (action: string, resourceArn: string) => void = () => undefined,
): Promise<string> {
  const server = createServer((request, response) => {
    const traceHeader = request.headers['x-amzn-trace-id'];
    void lambda.handle(request, response, {
      accessKeyId: undefined,
      traceHeader: traceHeader === undefined ? undefined : String(traceHeader),
      authorize,
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Polls until the condition holds; the test's own timeout is the limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

/** A killed process that nobody has reaped yet is dead, too. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    if (process.platform !== 'linux') return true;
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** The lines that are there yet; a file appears before its first line does. */
export function linesOf(file: string): string[] {
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return text.split('\n').filter((line) => line !== '');
}
