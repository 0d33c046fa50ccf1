import type { ExtractedSegment } from '#shared/events/fields';
import { objectKeys } from '#shared/keys';
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
  const keys = [...segments].flatMap(([segmentIndex, { hasPicture, audioFormat }]) => {
    const place = { ...ids, segmentIndex };
    return [
      ...(hasPicture ? [objectKeys.segment(place, 'mp4')] : []),
      ...(audioFormat ? [objectKeys.segment(place, audioFormat)] : []),
    ];
  });
  await deleteObjects(keys);
}
