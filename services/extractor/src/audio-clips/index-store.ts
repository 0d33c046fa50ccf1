import { objectKeys } from '#shared/keys';
import { type FrameIndex, parseFrameIndex } from '#shared/media/audio-clip/frames/frame-index';
import type { IndexStore } from '#shared/media/audio-clip/frames/framed-sound';
import { isMissing, putIfAbsent, readText } from '#shared/storage/objects';

/** An index of a day of MP3 has some 2 MB. */
const MAX_INDEX_BYTES = 16 << 20;

/** Keeps the index of an audio file in S3, for as long as the file has the same content. */
export class S3IndexStore implements IndexStore {
  readonly #key: string;

  constructor(
    file: { episodeId: string; etag: string },
    private readonly signal: AbortSignal,
  ) {
    this.#key = objectKeys.audioIndex(file);
  }

  async load(): Promise<FrameIndex | undefined> {
    try {
      return parseFrameIndex(await readText(this.#key, MAX_INDEX_BYTES, this.signal));
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  async save(index: FrameIndex): Promise<void> {
    await putIfAbsent(this.#key, { text: JSON.stringify(index) }, 'application/json', this.signal);
  }
}
