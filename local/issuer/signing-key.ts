import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import { parseStateFile } from '../stack/state-file.ts';

export const ALGORITHM = 'RS256';

/**
 * The issuer's private key, kept in a file that only its owner can read; made when it is first asked
 * for, because that takes a while. Processes that ask at the same time get the same key.
 */
export async function signingKey(directory: string): Promise<JWK> {
  const file = join(directory, 'key.json');
  return (await readKey(file)) ?? (await createKey(directory, file));
}

async function createKey(directory: string, file: string): Promise<JWK> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const key = await exportJWK(privateKey);
  const text = JSON.stringify({ ...key, kid: await calculateJwkThumbprint(key), alg: ALGORITHM });
  await mkdir(directory, { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, text, { mode: 0o600 });
  // Whoever links first has made the key; nobody ever reads half of one.
  await link(draft, file).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  await rm(draft);
  return (await readKey(file)) as JWK;
}

async function readKey(file: string): Promise<JWK | undefined> {
  try {
    return parseStateFile<JWK>(file, await readFile(file, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
