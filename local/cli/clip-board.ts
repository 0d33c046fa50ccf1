import type { BusEvent } from '../eventbridge/index.ts';

/** How far a clip is, as far as the events on the bus tell. */
interface ClipProgress {
  segmentCount: number;
  extracted: Set<number>;
  stage: string;
  endedAtMs?: number;
}

/** Where progress is shown: a terminal is redrawn, anything else gets a line per change. */
export interface Output {
  isTTY?: boolean;
  columns?: number;
  write(text: string): unknown;
}

/**
 * Live progress of the clips of one request, from the events on the bus: nothing is asked of the
 * services, so what is shown is what any consumer of the bus could see.
 */
export class ClipBoard {
  readonly #clips = new Map<string, ClipProgress>();
  readonly #startedAtMs = Date.now();
  #drawnLines = 0;

  constructor(
    private readonly output: Output,
    clipIds: readonly string[],
  ) {
    for (const clipId of clipIds) {
      this.#clips.set(clipId, { segmentCount: 0, extracted: new Set(), stage: 'waiting' });
    }
  }

  /** Milliseconds until the clip ended; absent while it has not. */
  takenMs(clipId: string): number | undefined {
    const endedAtMs = this.#clips.get(clipId)?.endedAtMs;
    return endedAtMs && endedAtMs - this.#startedAtMs;
  }

  /** Takes note of an event of the request. */
  see(event: BusEvent): void {
    const detail = event.detail as {
      clipId?: string;
      segmentCount?: number;
      segmentIndex?: number;
    };
    const clip = this.#clips.get(detail.clipId ?? '');
    if (!clip || clip.endedAtMs) return;
    clip.segmentCount = detail.segmentCount ?? clip.segmentCount;
    const before = clip.stage;
    clip.stage = this.#stageAfter(event, clip, detail.segmentIndex) ?? clip.stage;
    if (clip.stage !== before) this.#show(detail.clipId!, clip);
  }

  #stageAfter(event: BusEvent, clip: ClipProgress, segmentIndex = 0): string | undefined {
    switch (event['detail-type']) {
      case 'ClipGenerationStarted':
        return cutting(clip);
      case 'SegmentExtracted':
        clip.extracted.add(segmentIndex);
        return cutting(clip);
      case 'StitchRequested':
        return 'stitching';
      case 'ClipStitched':
        return this.#end(clip, 'done');
      case 'SegmentFailed':
      case 'StitchFailed':
      case 'ClipGenerationRejected':
      case 'ClipGenerationFailed':
        return this.#end(clip, 'failed');
      case 'ClipGenerationCancelled':
        return this.#end(clip, 'cancelled');
      default:
        return undefined;
    }
  }

  #end(clip: ClipProgress, stage: string): string {
    clip.endedAtMs = Date.now();
    return stage;
  }

  #show(clipId: string, clip: ClipProgress): void {
    if (this.output.isTTY) this.#redraw();
    else this.output.write(`  ${this.#line(clipId, clip)}\n`);
  }

  #redraw(): void {
    const up = this.#drawnLines > 0 ? `\u001b[${this.#drawnLines}A` : '';
    const lines = [...this.#clips].map(([id, clip]) => `\u001b[2K  ${this.#line(id, clip)}\n`);
    this.output.write(up + lines.join(''));
    this.#drawnLines = lines.length;
  }

  #line(clipId: string, clip: ClipProgress): string {
    const width = Math.max(...[...this.#clips.keys()].map((id) => id.length));
    const seconds = (((clip.endedAtMs ?? Date.now()) - this.#startedAtMs) / 1000).toFixed(1);
    return `${clipId.padEnd(width)}  ${seconds.padStart(6)} s  ${clip.stage}`;
  }
}

function cutting({ extracted, segmentCount }: ClipProgress): string {
  const bar = '█'.repeat(extracted.size) + '░'.repeat(Math.max(0, segmentCount - extracted.size));
  return `cutting ${bar} ${extracted.size}/${segmentCount}`;
}
