import { FrameStructures } from '../codecs/h264/frame-structure.ts';
import { NalScanner } from '../codecs/nal-scanner.ts';
import { PICTURE_SYNTAX, type PictureSyntax } from '../codecs/picture-syntax.ts';
import { NotCopyableError, UntidyStreamError } from '../not-copyable.ts';
import type { AccessUnit, ParameterSetList, VideoCodec } from '../source/media-index.ts';
import { type ContinuousClock, ticksBetween } from './clock.ts';
import { Continuity } from './packets/continuity.ts';
import { PACKET_BYTES, type PacketHeader } from './packets/packets.ts';
import { readPesHeader } from './packets/pes.ts';

/** Collects the access units of a stream of video from its packets. */
export class PictureCollector {
  readonly units: AccessUnit[] = [];
  readonly continuity = new Continuity();
  /** The decoding time of the last unit. */
  lastDts = 0;
  /** Units after which, or before which, something is lost. */
  readonly damaged = new Set<AccessUnit>();
  readonly afterLoss = new Set<AccessUnit>();
  /** Units that begin another chunk, or before which something is lost, each with the one before it. */
  readonly doubtful = new Map<AccessUnit, AccessUnit>();
  /** What is unusual about the packing. It is not thrown at once: to be repacked, all must be whole. */
  packingProblem?: string;
  readonly #clock: ContinuousClock;
  readonly #syntax: PictureSyntax;
  readonly #scanner: NalScanner;
  #file = 0;
  /** The unit that the packets belong to; none between chunks. */
  #open?: AccessUnit;
  /** The pictures that begin in it; there should be one. */
  #openPictures = 0;
  #lastIdr?: AccessUnit;
  /** Something is lost, and nothing has begun since. */
  #isLost = false;
  /** H.264 only. */
  readonly #structures?: FrameStructures;
  /** What comes belongs to the second field of a frame. */
  #isSecondField = false;

  /** @param initialSets those that the run begins with: this part of it may not repeat them */
  constructor(
    readonly pid: number,
    readonly codec: VideoCodec,
    clock: ContinuousClock,
    readonly initialSets?: ParameterSetList,
  ) {
    this.#clock = clock;
    this.#syntax = PICTURE_SYNTAX[codec];
    if (codec === 'h264') this.#structures = new FrameStructures(initialSets);
    this.#scanner = new NalScanner({
      isKept: this.#syntax.isKept,
      found: (unit) => this.#found(unit),
    });
  }

  /** Whether it is known of the first picture what kind it is. */
  get isFirstKnown(): boolean {
    return this.units.length > 1 || this.#openPictures > 0;
  }

  beginFile(file: number): void {
    this.#file = file;
    this.#isLost = false;
    this.continuity.allowJump();
  }

  /**
   * @param position of the packet in its file
   * @throws UntidyStreamError where packets must be sorted out
   */
  packet(buffer: Buffer, at: number, header: PacketHeader, position: number): void {
    if (header.isUnreadable) throw new UntidyStreamError('packets are damaged or scrambled');
    const end = at + PACKET_BYTES;
    if (header.payloadAt === end) return;
    const step = this.continuity.step(header);
    if (step === 'same') throw new UntidyStreamError('packets are repeated');
    if (step === 'gap') this.#lose();
    if (header.isStart) {
      this.endUnit();
      const before = this.units.at(-1);
      this.#beginUnit(buffer, header, end, position);
      if (step === 'doubt' && before) this.doubtful.set(this.#open!, before);
    } else if (this.#open) {
      this.#open.end = position + PACKET_BYTES;
      this.#scanner.piece(buffer, header.payloadAt, end);
    } else if (this.units.length > 0 && !this.#isLost) {
      this.packingProblem ??= 'pictures span chunks';
    }
  }

  /** Packets are missing: what is open lacks its end, and more may be lost. */
  #lose(): void {
    this.#isLost = true;
    if (!this.#open) return;
    this.damaged.add(this.#open);
    this.endUnit();
  }

  /** What follows belongs to another picture. */
  endUnit(): void {
    const unit = this.#open;
    if (!unit) return;
    const isCutOff = !this.#scanner.hasUnit || this.#scanner.hasLooseBytes;
    this.#scanner.end();
    const isWhole = !this.damaged.has(unit);
    const isSecondField = this.#isSecondField && this.#openPictures === 0;
    this.#isSecondField = false;
    if (isSecondField) this.#joinFields(unit);
    // Nothing of the picture is left that could be decoded.
    else if (!isWhole && this.#openPictures === 0) this.units.pop();
    else if (isWhole && isCutOff) this.packingProblem ??= 'pictures span PES packets';
    else if (this.#openPictures !== 1) this.packingProblem ??= 'pictures share PES packets';
    // An IDR picture of HEVC may have leading pictures, RADL: it is not the first that is shown.
    if (unit.isIdr) this.#lastIdr = unit;
    else if (this.#lastIdr && unit.pts < this.#lastIdr.pts) this.#lastIdr.isIdr = false;
    this.#open = undefined;
    this.#openPictures = 0;
  }

  #beginUnit(buffer: Buffer, header: PacketHeader, end: number, position: number): void {
    const pes = readPesHeader(buffer, header.payloadAt, end);
    if (pes?.pts === undefined) throw new NotCopyableError('pictures lack a time stamp');
    const rawDts = pes.dts ?? pes.pts;
    this.lastDts = this.#clock.at(rawDts);
    this.#open = {
      file: this.#file,
      start: position,
      end: position + PACKET_BYTES,
      pts: this.lastDts + ticksBetween(rawDts, pes.pts),
      isIdr: false,
      isKey: header.isRandomAccess,
      sps: [],
      pps: [],
      ...(this.codec === 'hevc' ? { vps: [] } : {}),
    };
    this.units.push(this.#open);
    if (this.#isLost) this.afterLoss.add(this.#open);
    this.#isLost = false;
    this.#scanner.piece(buffer, pes.payloadAt, end);
  }

  /** The second field of a frame becomes part of the first one's unit. */
  #joinFields(second: AccessUnit): void {
    this.units.pop();
    const first = this.units.at(-1);
    if (first?.file !== second.file) {
      throw new NotCopyableError('the fields of a frame lie in different chunks');
    }
    first.end = second.end;
    first.isDisposable &&= second.isDisposable;
    if (this.damaged.has(second)) this.damaged.add(first);
    if (this.afterLoss.has(second)) this.damaged.add(first);
  }

  #found(unit: Buffer): void {
    const picture = this.#open;
    if (!picture) return;
    const beginning = this.#structures?.next(unit);
    if (beginning) this.#isSecondField = beginning.kind === 'second field';
    if (this.#isSecondField) return;
    if (beginning?.kind === 'frame') {
      if (beginning.firstField) picture.firstField = beginning.firstField;
      if (beginning.isWoven) picture.isWoven = true;
      if (beginning.isTelecined) picture.isTelecined = true;
    }
    if (this.#syntax.tell(picture, unit)) this.#openPictures++;
  }
}
