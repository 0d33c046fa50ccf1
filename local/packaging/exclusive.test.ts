import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { exclusively } from './exclusive.ts';

const MODULE = new URL('./exclusive.ts', import.meta.url).href;

describe('exclusive work', () => {
  it('is done one after the other', async () => {
    const name = randomUUID();
    const log: string[] = [];
    const work = (id: string) => () =>
      new Promise<void>((resolve) => {
        log.push(`${id} begins`);
        setImmediate(() => {
          log.push(`${id} ends`);
          resolve();
        });
      });
    await Promise.all(['a', 'b', 'c'].map((id) => exclusively(name, work(id))));
    expect(log).toHaveLength(6);
    for (let index = 0; index < log.length; index += 2) {
      expect(log[index + 1]).toBe(log[index]?.replace('begins', 'ends'));
    }
  });

  it('lets the next one begin when one fails', async () => {
    const name = randomUUID();
    await expect(exclusively(name, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await exclusively(name, async () => 'yes')).toBe('yes');
  });

  it('waits for another process, and takes over when that one is killed', async () => {
    const name = randomUUID();
    const holder = spawn(
      process.execPath,
      [
        '--import',
        'tsx',
        '--input-type=module',
        '--eval',
        `import { exclusively } from ${JSON.stringify(MODULE)};
         await exclusively(${JSON.stringify(name)}, () => {
           console.log('held');
           return new Promise(() => setInterval(() => {}, 1000));
         });`,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    await once(holder.stdout, 'data');
    let killed = false;
    const mine = exclusively(name, async () => killed);
    // One turn of the loop, in which an unlocked `work` would have begun.
    await new Promise((resolve) => setImmediate(resolve));
    killed = holder.kill('SIGKILL');
    expect(await mine).toBe(true);
  });
});
