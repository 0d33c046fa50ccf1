import { PACKET_BYTES, SYNC_BYTE } from '../packets/packets.ts';
import { MAX_PES_PAYLOAD_BYTES, pesHeader } from '../packets/pes.ts';
import { isPrivateSound } from '../packets/stream-types.ts';
import { SOUND_PID, tablePackets, VIDEO_PID, type WrittenStreams } from '../packets/tables.ts';
import { packetise } from './packetise.ts';

/** A coded picture or some frames of sound, and when they are due, in ticks of 90 kHz. */
export interface TimedPacket {
  stream: 'video' | 'sound';
  bytes: Buffer;
  pts: number;
  /** Absent where it is the same. */
  dts?: number;
  /** Of a picture: decoding can begin here. */
  isKey?: boolean;
}

/** FFmpeg 5.1 does not recognise a shorter transport stream. */
const MINIMUM_BYTES = 32 * 1024;

/** The clock reference runs ahead of decoding by this, the time a player has to fill its buffers. */
const CLOCK_LEAD_TICKS = 63_000;

const clockFor = (dts: number) => Math.max(0, dts - CLOCK_LEAD_TICKS);

/** `stream_id`s of PES packets: the first video, the first MPEG audio, and what is neither. */
const VIDEO_ID = 0xe0;
const MPEG_AUDIO_ID = 0xc0;
const PRIVATE_ID = 0xbd;

/**
 * Writes pictures and sound as a transport stream: one picture to a PES packet, and the tables again before
 * every key picture.
 * @param packets in the order they shall lie in the stream
 */
export async function* writeTransportStream(
  packets: AsyncIterable<TimedPacket>,
  streams: WrittenStreams,
): AsyncGenerator<Buffer> {
  const write = { video: videoWriter(), sound: soundWriter(streams) };
  let tables = 0;
  let written = 0;
  for await (const packet of packets) {
    const isEntry = written === 0 || (packet.stream === 'video' && packet.isKey);
    const parts = isEntry ? [tablePackets(streams, tables++)] : [];
    parts.push(...write[packet.stream](packet));
    const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
    written += bytes.length;
    yield bytes;
  }
  if (written < MINIMUM_BYTES) yield nullPackets(MINIMUM_BYTES - written);
}

type PacketWriter = (packet: TimedPacket) => Buffer[];

function videoWriter(): PacketWriter {
  let continuity = 0;
  return ({ bytes, pts, dts = pts, isKey = false }) => {
    const header = pesHeader(VIDEO_ID, { pts, dts });
    const clock = clockFor(dts);
    const packets = packetise({ pid: VIDEO_PID, continuity, header, bytes, clock, isKey });
    continuity += packets.length / PACKET_BYTES;
    return [packets];
  };
}

/** Where there is no video, the sound carries the clock. */
function soundWriter({ video, sound }: WrittenStreams): PacketWriter {
  const isPrivate = sound !== undefined && isPrivateSound(sound.streamType);
  const streamId = isPrivate ? PRIVATE_ID : MPEG_AUDIO_ID;
  let continuity = 0;
  return ({ bytes, pts }) =>
    inParts(bytes).map((part, n) => {
      const isFirst = n === 0;
      const payloadBytes = part.length;
      const header = pesHeader(streamId, isFirst ? { pts, payloadBytes } : { payloadBytes });
      const clock = isFirst && !video ? clockFor(pts) : undefined;
      const packets = packetise({ pid: SOUND_PID, continuity, header, bytes: part, clock });
      continuity += packets.length / PACKET_BYTES;
      return packets;
    });
}

/** What no PES packet can hold goes on in others that have no time. */
function inParts(bytes: Buffer): Buffer[] {
  const parts = [bytes.subarray(0, MAX_PES_PAYLOAD_BYTES)];
  for (let at = MAX_PES_PAYLOAD_BYTES; at < bytes.length; at += MAX_PES_PAYLOAD_BYTES) {
    parts.push(bytes.subarray(at, at + MAX_PES_PAYLOAD_BYTES));
  }
  return parts;
}

function nullPackets(minimumBytes: number): Buffer {
  const packet = Buffer.alloc(PACKET_BYTES, 0xff);
  packet.set([SYNC_BYTE, 0x1f, 0xff, 0x10]);
  return Buffer.concat(Array(Math.ceil(minimumBytes / PACKET_BYTES)).fill(packet));
}
