import { NotCopyableError } from '../../not-copyable.ts';
import type { FileWindow } from '../../source/file-window.ts';
import { type Box, fileBoxes, readBody } from '../boxes.ts';
import { ChunkBounds } from './chunk-bounds.ts';
import type { MovieFragment } from './fragments.ts';

/** The fragments of a file, and where their media lies. */
export interface ChunkBoxes {
  fragments: MovieFragment[];
  bounds: ChunkBounds;
}

/** Reads the descriptions of a file, and none of its media. */
export async function readChunkBoxes(window: FileWindow, signal: AbortSignal): Promise<ChunkBoxes> {
  const fragments: MovieFragment[] = [];
  const media: Box[] = [];
  for await (const box of fileBoxes(window, signal)) {
    if (box.type === 'mdat') media.push(box);
    else if (box.type === 'moof') {
      fragments.push({ start: box.start, body: await readBody(window, box) });
    }
  }
  if (fragments.length === 0) throw new NotCopyableError('a chunk holds no movie fragments');
  return { fragments, bounds: new ChunkBounds(media, window.size) };
}
