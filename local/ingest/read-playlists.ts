import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { PermanentError } from '#shared/errors';
import {
  chooseRendition,
  isMasterPlaylist,
  mediaPlaylistKeys,
} from '#shared/media/hls/master-playlist';
import { parseMediaPlaylist, type TrackPlaylist } from '#shared/media/hls/media-playlist';
import { isPlainKeyBelow } from '#shared/media/hls/resolve-key';
import { IngestError } from './ingest-error.ts';

/** A playlist on disk, and where it goes. */
export interface PlaylistFile {
  key: string;
  text: string;
}

/** All that makes up a track: its playlists, and what they name. */
export interface TrackFiles {
  /** The playlist that the episode names. */
  playlistKey: string;
  /** Media playlists first, the one that names them last. */
  playlists: PlaylistFile[];
  /** Keys of chunks, each once. */
  chunks: Set<string>;
  /** Keys of what chunks cannot be read without: initialization sections and encryption keys, each once. */
  needed: Set<string>;
  /** The media playlist that players choose, as a rule. */
  playlist: TrackPlaylist;
}

/**
 * Reads a playlist on disk: of a master playlist, all media playlists of frames and of audio that it names too.
 * @param folder the S3 folder of the track, with trailing slash; everything must lie below it, as below the file's folder
 * @throws IngestError
 */
export async function readPlaylists(file: string, folder: string): Promise<TrackFiles> {
  const root = dirname(file);
  const fileOf = (key: string) => join(root, key.slice(folder.length));
  const onDisk = <Value>(read: () => Value): Value => withFileNames(read, folder, root);
  const text = await readText(file, file);
  if (!isMasterPlaylist(text)) {
    const playlistKey = `${folder}index.m3u8`;
    const playlist = withFileNames(
      () => parseMediaPlaylist(text, playlistKey, folder),
      folder,
      root,
      { [playlistKey]: file },
    );
    const playlists = [{ key: playlistKey, text }];
    return { playlistKey, playlists, ...objectsOf([playlist]), playlist };
  }
  // Under its own name: a media playlist beside it may be called index.m3u8.
  const playlistKey = folder + basename(file);
  if (!isPlainKeyBelow(folder, playlistKey)) {
    throw new IngestError(`The name of ${file} cannot be that of an object in S3: rename it.`);
  }
  const keys = onDisk(() => mediaPlaylistKeys(text, playlistKey, folder));
  const media = new Map<string, { text: string; playlist: TrackPlaylist }>();
  for (const key of keys) {
    const text = await readText(fileOf(key), file);
    if (isMasterPlaylist(text)) {
      throw new IngestError(
        `${file} names ${fileOf(key)}, which is a master playlist itself: give that one, or package the episode again.`,
      );
    }
    media.set(key, { text, playlist: onDisk(() => parseMediaPlaylist(text, key, folder)) });
  }
  const { pictureKey } = onDisk(() => chooseRendition(text, playlistKey, folder, 'best'));
  return {
    playlistKey,
    playlists: [
      ...[...media].map(([key, { text }]) => ({ key, text })),
      { key: playlistKey, text },
    ],
    ...objectsOf([...media.values()].map(({ playlist }) => playlist)),
    playlist: media.get(pictureKey)!.playlist,
  };
}

async function readText(file: string, named: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch {
    throw new IngestError(
      file === named
        ? `${file} cannot be read as a playlist: is it a file, and may you read it?`
        : `The episode lacks ${file}, which ${named} names.`,
    );
  }
}

/** Runs what speaks of keys in the bucket, and lets its errors speak of files on this machine. */
function withFileNames<Value>(
  read: () => Value,
  folder: string,
  root: string,
  renamed: Record<string, string> = {},
): Value {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof PermanentError)) throw error;
    const message = Object.entries(renamed).reduce(
      (text, [key, file]) => text.replaceAll(key, file),
      error.message,
    );
    throw new IngestError(message.replaceAll(folder, `${root}/`));
  }
}

/** What playlists name. */
function objectsOf(playlists: readonly TrackPlaylist[]): Pick<TrackFiles, 'chunks' | 'needed'> {
  const inits = playlists.flatMap(({ runs }) => runs.flatMap((run) => run.init ?? []));
  const chunks = playlists.flatMap((playlist) => playlist.chunks.filter((chunk) => !chunk.isGap));
  const keys = [...inits, ...chunks].flatMap((piece) => piece.encryption?.keyKey ?? []);
  return {
    chunks: new Set(chunks.map(({ key }) => key)),
    needed: new Set([...keys, ...inits.map(({ key }) => key)]),
  };
}
