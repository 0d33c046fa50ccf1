import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { decodeJwt, decodeProtectedHeader, importJWK, jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createDevIssuer } from './index.ts';
import { signingKey } from './signing-key.ts';

const ISSUER = 'http://127.0.0.1:4580/_issuer';
const COMMAND = fileURLToPath(new URL('../cli/token.ts', import.meta.url));

let stateDir: string;
let directory: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'splicebus-issuer-'));
  directory = join(stateDir, 'issuer');
});
afterEach(() => rmSync(stateDir, { recursive: true }));

describe('the key', () => {
  it('is one for all who ask at the same time, and for its owner’s eyes only', async () => {
    const keys = await Promise.all([1, 2, 3].map(() => signingKey(directory)));
    expect(new Set(keys.map(({ kid }) => kid)).size).toBe(1);
    expect(statSync(join(directory, 'key.json')).mode & 0o777).toBe(0o600);
  });
});

describe('npm run token', () => {
  const run = (...args: string[]) =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', COMMAND, ...args]);

  it('prints a token that is verified with the key of the stack’s state directory', async () => {
    const { sign } = await createDevIssuer(directory, ISSUER);
    const args = ['--tenant', 'acme', '--scope', 'a', '--scope', 'b', '--expires', '60'];
    const { stdout } = await run(...args, '--state', stateDir);
    const token = stdout.trim();
    const { kty, n, e } = await signingKey(directory);
    const { payload } = await jwtVerify(token, await importJWK({ kty, n, e }, 'RS256'), {
      issuer: ISSUER,
      audience: 'splicebus',
    });
    expect(payload).toMatchObject({ tenantId: 'acme', scope: 'a b' });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(60);

    const own = await sign({ tenantId: 'acme' });
    expect(decodeProtectedHeader(own)).toEqual(decodeProtectedHeader(token));
    expect(decodeJwt(own)).not.toHaveProperty('scope');
  });

  it.each<[string[], number, RegExp]>([
    [[], 2, /^Say for which tenant/],
    [['--tenant'], 2, /--tenant/],
    [['--tenant', 'acme', '--expires', 'soon'], 2, /^--expires takes a number of seconds/],
    [['--tenant', 'acme', '--state', '/nowhere'], 1, /^No stack has run in \/nowhere/],
  ])('with %j says what is wrong', async (args, code, stderr) => {
    await expect(run(...args)).rejects.toMatchObject({
      code,
      stderr: expect.stringMatching(stderr),
    });
  });
});
