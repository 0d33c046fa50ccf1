import type { ExtractedSegment } from '#shared/events/fields';
import { objectKeys, soundExtension } from '#shared/keys';
import { deleteObjects } from '#shared/storage/objects';

interface ClipIds {
  episodeId: string;
  clipId: string;
  executionId: string;
}

/** Removes the files of segments. @param segments by their index in the clip */
export async function removeIntermediates(
  ids: ClipIds,
  segments: Iterable<readonly [segmentIndex: number, segment: ExtractedSegment]>,
): Promise<void> {
  const keys = [...segments].flatMap(([segmentIndex, { hasPicture, audio }]) => {
    const place = { ...ids, segmentIndex };
    return [
      ...(hasPicture ? [objectKeys.segment(place, 'ts')] : []),
      ...(audio ? [objectKeys.segment(place, soundExtension(audio))] : []),
    ];
  });
  await deleteObjects(keys);
}
