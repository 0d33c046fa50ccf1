import { readAdtsHeader } from '../../packed-audio/adts.ts';
import type { RangedObject } from '../../source/ranged-object.ts';
import type { FileSound } from '../file-sound.ts';
import { framedSound, type IndexStore, indexedFrames } from './framed-sound.ts';

/**
 * Sound of AAC without a container, which says nothing of where a time lies or what encoders put in front.
 * @param at where the first frame begins
 * @throws NotCopyableError when the frames are not all alike
 */
export async function openAdts(
  object: RangedObject,
  at: number,
  store: IndexStore,
): Promise<FileSound> {
  const frames = await indexedFrames(object, at, readAdtsHeader, store);
  return framedSound(object, frames, { start: 0, end: 0 }, 'aac');
}
