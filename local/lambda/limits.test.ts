import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  fixture,
  isRunning,
  linesOf,
  temporaryDirectory,
  testLambda,
  until,
} from './test-lambda.ts';

const grandchildOf = (pidFile: string) => Number(readFileSync(pidFile, 'utf8'));

describe('the limits of a function', () => {
  it('kills the whole process group at the timeout', async () => {
    const pidFile = path.join(await temporaryDirectory(), 'pid');
    const lambda = await testLambda();
    lambda.register(fixture('hangs-with-a-grandchild.handler', { timeoutSeconds: 1 }));

    const result = await lambda.invoke('hangs-with-a-grandchild', { pidFile });

    expect(result).toMatchObject({
      functionError: 'Unhandled',
      payload: {
        errorType: 'Sandbox.Timedout',
        errorMessage: `RequestId: ${result.requestId} Error: Task timed out after 1.00 seconds`,
      },
    });
    expect(result.logTail).toContain('Status: timeout');
    const pid = grandchildOf(pidFile);
    await until(() => !isRunning(pid));
  });

  it('kills the process group that outgrows its memory', async () => {
    const lambda = await testLambda();
    lambda.register(fixture('takes-all-memory.handler', { memoryMb: 200 }));
    const result = await lambda.invoke('takes-all-memory', {});
    expect(result).toMatchObject({
      functionError: 'Unhandled',
      payload: {
        errorType: 'Runtime.OutOfMemory',
        errorMessage: expect.stringMatching(/Runtime exited with error: signal: killed$/),
      },
    });
    expect(Number(/Max Memory Used: (\d+)/.exec(result.logTail)?.[1])).toBeGreaterThan(200);
  });
});

describe('close', () => {
  it('leaves no process and no temporary file, and rejects what was running', async () => {
    const stateDir = await temporaryDirectory();
    const lambda = await testLambda({ stateDir });
    lambda.register(fixture('hangs-with-a-grandchild.handler'));
    lambda.register(fixture('crashes.handler'));
    const pidFiles = ['sync', 'async'].map((name) => path.join(stateDir, name));
    const [syncFile = '', asyncFile = ''] = pidFiles;
    const { payload: warmPid } = await lambda.invoke('crashes', {});
    const rejected = expect(
      lambda.invoke('hangs-with-a-grandchild', { pidFile: syncFile }),
    ).rejects.toMatchObject({ code: 'ServiceException', statusCode: 503 });
    await lambda.invokeAsync('hangs-with-a-grandchild', { pidFile: asyncFile });
    await until(() => pidFiles.every((file) => linesOf(file).length > 0));

    await lambda.close();

    await rejected;
    const grandchildren = pidFiles.map(grandchildOf);
    await until(() => !grandchildren.some(isRunning));
    expect(isRunning(warmPid as number)).toBe(false);
    expect((await readdir(stateDir)).sort()).toEqual(['async', 'logs', 'queue', 'sync']);
    expect(await readdir(path.join(stateDir, 'queue'))).toHaveLength(1);
    await expect(lambda.invoke('crashes', {})).rejects.toMatchObject({ statusCode: 503 });
    await expect(lambda.invokeAsync('crashes', {})).rejects.toMatchObject({ statusCode: 503 });
  });
});

describe('a runner that is killed', () => {
  it('takes its environments along', async () => {
    const stateDir = await temporaryDirectory();
    const pidFile = path.join(stateDir, 'pid');
    const config = fixture('hangs-with-a-grandchild.handler');
    const script = `
      import { createLambda } from ${JSON.stringify(path.join(import.meta.dirname, 'index.ts'))};
      const lambda = createLambda({ stateDir: ${JSON.stringify(stateDir)} });
      lambda.register(${JSON.stringify(config)});
      lambda.invoke('hangs-with-a-grandchild', { pidFile: ${JSON.stringify(pidFile)} });`;
    const args = ['--import', 'tsx', '--input-type=module', '--eval', script];
    const runner = spawn(process.execPath, args, { stdio: 'inherit' });
    await until(() => linesOf(pidFile).length > 0);
    const pid = grandchildOf(pidFile);
    const ranBefore = isRunning(pid);
    runner.kill('SIGKILL');
    expect(ranBefore).toBe(true);
    await until(() => !isRunning(pid));
  });
});
