/** Judges clips by decoding them: of the sample episode (`local/sample`), or against their source. */
export {
  type AgainstSourceOptions,
  judgeAgainstSource,
  type SourceVerdict,
} from './against-source.ts';
export type { Segment } from './frames.ts';
export { type Heard, hear } from './heard.ts';
export { type JudgeOptions, judgeClip } from './judge.ts';
export { locateSound } from './locate.ts';
export {
  describeVerdict,
  type FileVerdict,
  type PictureVerdict,
  type SegmentVerdict,
  type SoundProbe,
  type SoundVerdict,
  TOLERANCES,
  type Verdict,
} from './verdict.ts';
