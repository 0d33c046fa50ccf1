import { createHash, randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PLAYLIST } from './encoding.ts';
import { completeSpec, type Episode, type EpisodeOptions, makeEpisode } from './episode.ts';

/** To be raised with every change of what an episode looks or sounds like. */
const SAMPLE_VERSION = 4;
const RECORD = 'episode.json';

/**
 * The episode of this spec from `cacheDir`, made there if it is not yet. Any number of processes
 * may ask at once: an episode is made aside and appears under its name complete or not at all.
 * @throws SampleError as {@link makeEpisode} does
 */
export async function cachedEpisode(
  cacheDir: string,
  options: Omit<EpisodeOptions, 'dir'> = {},
): Promise<Episode> {
  const key = createHash('sha256')
    .update(JSON.stringify([SAMPLE_VERSION, completeSpec(options)]))
    .digest('hex')
    .slice(0, 16);
  const dir = join(cacheDir, `episode-${key}`);
  const known = await readEpisode(dir);
  if (known) return known;

  const aside = join(cacheDir, `.making-${key}-${randomUUID()}`);
  try {
    const made = await makeEpisode({ ...options, dir: aside });
    const { dir: _dir, playlistPath: _playlistPath, ...record } = made;
    await writeFile(join(aside, RECORD), `${JSON.stringify(record, null, 2)}\n`);
    await rename(aside, dir);
  } catch (error) {
    // Another process was first: a folder that holds an episode cannot be renamed over.
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  const made = await readEpisode(dir);
  if (!made) throw new Error(`${dir} holds files but no episode: remove it and try again.`);
  return made;
}

/** The record holds no paths, so that a cache may be moved. */
async function readEpisode(dir: string): Promise<Episode | undefined> {
  try {
    const record = JSON.parse(await readFile(join(dir, RECORD), 'utf8'));
    return { ...record, dir, playlistPath: join(dir, PLAYLIST) };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
