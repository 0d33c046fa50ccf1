import { PermanentError } from '#shared/errors';
import { derivedFolders, executionOfDerived } from '#shared/keys';
import { hashFile } from '#shared/storage/hashed-file';
import { deleteObjects, listKeys } from '#shared/storage/objects';
import { uploadFile } from '#shared/storage/upload-file';
import { assertStillThere, type WrittenClipIds } from '#shared/storage/written-clip';

/** A file on local disk that was made of a finished clip, and where it goes. */
export interface DerivedFile {
  key: string;
  file: string;
  contentType: string;
}

/**
 * Uploads what was made of a clip, unless a newer execution has replaced the clip meanwhile. Who replaces it
 * writes first and then clears away; who derives from it writes first and then looks, so that nothing stays:
 *
 *     older: PUT poster ─────────────────────────── clip.mp4 is not mine: DELETE poster
 *     newer:               PUT clip.mp4 ── LIST: poster of older ── DELETE it
 *
 * @throws PermanentError `CLIP_REPLACED`
 */
export async function putDerived(
  ids: WrittenClipIds,
  files: readonly DerivedFile[],
  signal: AbortSignal,
): Promise<void> {
  for (const { key, file, contentType } of files) {
    await uploadFile(key, await hashFile(file, signal), { ContentType: contentType }, signal);
  }
  try {
    await assertStillThere(ids);
  } catch (error) {
    if (error instanceof PermanentError) await deleteObjects(files.map(({ key }) => key));
    throw error;
  }
}

/** @returns the keys of all that was made of a clip, by whichever execution */
export async function findDerived(ids: { episodeId: string; clipId: string }): Promise<string[]> {
  const found = await Promise.all(derivedFolders(ids).map(listKeys));
  return found.flat();
}

/** Removes what was made of the files of other executions, and nothing that somebody else has put there. */
export async function removeOthers(keys: readonly string[], executionId: string): Promise<void> {
  const isOthers = (key: string) => {
    const owner = executionOfDerived(key);
    return owner !== undefined && owner !== executionId;
  };
  await deleteObjects(keys.filter(isOthers));
}
