import { afterAll, beforeAll, it } from 'vitest';
import { type SampleName, sampleEpisode } from '../harness/sample-episodes.ts';
import { type Splicebus, startSplicebus, type TrackFiles } from '../harness/splicebus.ts';
import { encrypted, halvesSwapped, oneMp4, oneTransportStream, shifted } from './packages.ts';
import { expectExact, expectThrift, requested, type Span } from './spans.ts';

let splicebus: Splicebus;
beforeAll(async () => {
  splicebus = await startSplicebus();
});
afterAll(() => splicebus?.stop());

interface Packaging {
  files: () => Promise<TrackFiles>;
  sample: SampleName;
  spans: Span[];
  /** Where the sample has it, if the packaging has rearranged the sample. */
  shown?: Span[];
}

/** MPEG-TS counts 90,000 ticks a second, in 33 bits. */
const CLOCK_SECONDS = 2 ** 33 / 90_000;

const PACKAGINGS: Record<string, Packaging> = {
  'encrypted chunks': {
    files: encrypted,
    sample: 'plain',
    spans: [
      [1_200, 2_500],
      [11_000, 13_000],
    ],
  },
  'byte ranges of one MPEG-TS file': {
    files: oneTransportStream,
    sample: 'plain',
    spans: [[5_000, 7_000]],
  },
  'byte ranges of one MP4': {
    files: oneMp4,
    sample: 'fmp4',
    spans: [
      [0, 1_000],
      [17_500, 19_000],
    ],
  },
  'a discontinuity': {
    files: halvesSwapped,
    sample: 'plain',
    spans: [
      [9_500, 11_000],
      [11_000, 13_500],
    ],
    shown: [
      [21_500, 24_000],
      [0, 1_500],
    ],
  },
  'a clock that begins again': {
    files: () => shifted(CLOCK_SECONDS - 9),
    sample: 'plain',
    spans: [
      [8_300, 9_700],
      [15_500, 17_000],
    ],
  },
};

it.each(Object.entries(PACKAGINGS))('%s: cut to the frame, thriftily', async (name, packaging) => {
  const { files, sample, spans, shown = spans } = packaging;
  const episodeId = name.replaceAll(' ', '-');
  await splicebus.ingestFiles(await files(), episodeId, await sampleEpisode(sample));
  await splicebus.makeClips(episodeId, [{ clipId: 'clip', segments: requested(spans) }]);
  await expectExact(splicebus, episodeId, 'clip', shown);
  await expectThrift(splicebus, episodeId, 'clip');
});
