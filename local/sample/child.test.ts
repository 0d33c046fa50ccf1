import { describe, expect, it } from 'vitest';
import { runChild } from './child.ts';

async function* bytes(count: number): AsyncGenerator<Uint8Array> {
  for (let left = count; left > 0; left -= 65_536) yield Buffer.alloc(Math.min(left, 65_536), 'x');
}
const node = (script: string, options?: Parameters<typeof runChild>[2]) =>
  runChild(process.execPath, ['-e', script], options);

describe('runChild', () => {
  it('keeps what the child says and how it ended', async () => {
    const result = await node(
      "process.stdout.write('out'); console.error('err'); process.exitCode = 3",
    );
    expect(result.exitCode).toBe(3);
    expect(result.stdout.toString()).toBe('out');
    expect(result.stderr).toBe('err\n');
  });

  it('feeds more than one stream', async () => {
    const count = "const n = (d) => require('fs').readFileSync(d).length;";
    const result = await node(`${count} console.log(n(3), n(4))`, {
      feeds: [bytes(1_000_000), bytes(70_000)],
    });
    expect(result.stdout.toString()).toBe('1000000 70000\n');
  });

  it('lets a child end before its feed does', async () => {
    const result = await node('process.exitCode = 7', { feeds: [bytes(2 ** 40)] });
    expect(result.exitCode).toBe(7);
  });

  it('fails when a feed fails', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('x');
      throw new Error('no more');
    }
    const feeds = [broken()];
    await expect(node("require('fs').readFileSync(3)", { feeds })).rejects.toThrow('no more');
  });

  it('fails when there is no such program, fed or not', async () => {
    const missing = { code: 'ENOENT' };
    await expect(runChild('no-such-program', [])).rejects.toMatchObject(missing);
    await expect(
      runChild('no-such-program', [], { feeds: [bytes(1_000_000)] }),
    ).rejects.toMatchObject(missing);
  });

  it('ends the child when told to', async () => {
    const abort = new AbortController();
    async function* pidThenAbort(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('x');
      abort.abort();
      yield* bytes(2 ** 40);
    }
    const running = node(
      "setInterval(() => {}, 1000); require('fs').createReadStream(null, { fd: 3 }).resume()",
      {
        feeds: [pidThenAbort()],
        signal: abort.signal,
      },
    );
    await expect(running).rejects.toMatchObject({ name: 'AbortError' });
  });
});
