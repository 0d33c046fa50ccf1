import { PICTURE_PID, SOUND_PID } from './rewrite.fixture.ts';
import {
  AUDIO,
  counted,
  isTable,
  language,
  MAP_PID,
  NULL_PACKET,
  packetsIn,
  pidOf,
  programList,
  programMap,
  tablePackets,
  VIDEO,
  withLateTables,
  withPid,
  withStride,
  withTables,
} from './streams.fixture.ts';

/** What becomes of the n-th chunk of an episode. */
export interface StreamCase {
  name: string;
  change: (packets: Buffer[], n: number) => Buffer[] | Buffer;
  /** Codes of the warnings that are due. */
  warnings?: readonly string[];
}

const list = (...programs: [number, number][]) => tablePackets(0, [programList(programs)]);
const map = (...streams: Parameters<typeof programMap>[1][number][]) =>
  tablePackets(MAP_PID, [programMap(1, streams)]);

const MOVED_VIDEO = { ...VIDEO, pid: 0x120 };
const MOVED_AUDIO = { ...AUDIO, pid: 0x121 };

const moved = (packet: Buffer, from: number, to: number) =>
  pidOf(packet) === from ? withPid(packet, to) : packet;

/** From the middle of the chunk on; tables say so at once, or a little later. */
function movingWithin(packets: Buffer[], late: number): Buffer[] {
  const others = packets.filter((packet) => !isTable(packet));
  const middle = others.length >> 1;
  // Where a frame begins, so that none lies in two streams.
  const at = others.findIndex(
    (packet, n) => n > middle && pidOf(packet) === PICTURE_PID && (packet[1]! & 0x40) !== 0,
  );
  const before = others.slice(0, at);
  const after = others
    .slice(at)
    .map((packet) => moved(moved(packet, PICTURE_PID, 0x120), SOUND_PID, 0x121));
  const newMap = tablePackets(MAP_PID, [programMap(1, [MOVED_VIDEO, MOVED_AUDIO], { version: 1 })]);
  const tables = list([1, MAP_PID]);
  return counted(
    [
      ...[...tables, ...map(VIDEO, AUDIO), ...before, ...after.slice(0, late)],
      ...[...tables, ...newMap, ...after.slice(late)],
    ],
    [0, MAP_PID],
  );
}

const everywhere = (change: (packets: Buffer[]) => Buffer[] | Buffer) => change;

export const STREAM_CASES: readonly StreamCase[] = [
  ...[1, 2, 40, 400].map((count) => ({
    name: `tables behind ${count} packets`,
    change: everywhere((packets) => withLateTables(packets, count)),
  })),
  {
    name: 'tables at the end of each chunk',
    change: (packets) => withLateTables(packets, packets.length),
  },
  {
    name: 'tables only in the first chunk',
    change: (packets, n) => (n === 0 ? packets : packets.filter((packet) => !isTable(packet))),
  },
  {
    name: 'tables in every third chunk',
    change: (packets, n) => (n % 3 === 2 ? packets : packets.filter((packet) => !isTable(packet))),
  },
  {
    name: 'tables that change version, and nothing else',
    change: (packets, n) =>
      withTables(
        packets,
        tablePackets(0, [programList([[1, MAP_PID]], { version: n })]),
        tablePackets(MAP_PID, [programMap(1, [VIDEO, AUDIO], { version: n })]),
      ),
  },
  {
    name: 'a map that another one announces, which does not apply yet',
    change: (packets) =>
      withTables(packets, list([1, MAP_PID]), [
        ...tablePackets(MAP_PID, [programMap(1, [MOVED_VIDEO], { isCurrent: false, version: 1 })]),
        ...map(VIDEO, AUDIO),
      ]),
  },
  {
    name: 'a map that spans packets',
    change: (packets) =>
      withTables(
        packets,
        list([1, MAP_PID]),
        tablePackets(MAP_PID, [
          programMap(1, [
            { ...VIDEO, descriptors: [0xf0, 200, ...Array(200).fill(7)] },
            { ...AUDIO, descriptors: [0xf0, 100, ...Array(100).fill(7)] },
          ]),
        ]),
      ),
  },
  {
    name: 'a map of ten bytes a packet',
    change: (packets) =>
      withTables(
        packets,
        tablePackets(0, [programList([[1, MAP_PID]])], 10),
        tablePackets(MAP_PID, [programMap(1, [VIDEO, AUDIO])], 10),
      ),
  },
  {
    name: 'several tables in one packet',
    change: (packets) =>
      withTables(
        packets,
        list([1, MAP_PID], [2, MAP_PID]),
        tablePackets(MAP_PID, [
          programMap(2, [{ streamType: 0x05, pid: 0x300 }]),
          programMap(1, [VIDEO, AUDIO]),
        ]),
      ),
  },
  {
    name: 'the table of the network first',
    change: (packets) => withTables(packets, list([0, 0x10], [1, MAP_PID]), map(VIDEO, AUDIO)),
  },
  {
    name: 'a second program that comes to nothing',
    change: (packets) => withTables(packets, list([1, MAP_PID], [2, 0x1001]), map(VIDEO, AUDIO)),
  },
  {
    name: 'a first program whose map never comes',
    change: (packets) => withTables(packets, list([9, 0x1001], [1, MAP_PID]), map(VIDEO, AUDIO)),
    warnings: ['TRACK_SUBSTITUTED'],
  },
  {
    name: 'a first program without video',
    change: (packets) =>
      withTables(packets, list([9, 0x1001], [1, MAP_PID]), [
        ...tablePackets(0x1001, [programMap(9, [{ streamType: 0x0f, pid: 0x301 }])]),
        ...map(VIDEO, AUDIO),
      ]),
    warnings: ['TRACK_SUBSTITUTED'],
  },
  {
    name: 'a list of programs in two sections',
    change: (packets) =>
      withTables(
        packets,
        [
          ...tablePackets(0, [programList([[1, MAP_PID]], { place: [0, 1] })]),
          ...tablePackets(0, [programList([[2, 0x1001]], { place: [1, 1] })]),
        ],
        map(VIDEO, AUDIO),
      ),
  },
  {
    name: 'video that moves to another PID with a chunk',
    change: (packets, n) =>
      n < 2
        ? packets
        : withTables(
            packets.map((packet) => moved(packet, PICTURE_PID, 0x120)),
            list([1, MAP_PID]),
            map(MOVED_VIDEO, AUDIO),
          ),
  },
  {
    name: 'audio that moves to another PID with a chunk',
    change: (packets, n) =>
      n < 2
        ? packets
        : withTables(
            packets.map((packet) => moved(packet, SOUND_PID, 0x121)),
            list([1, MAP_PID]),
            map(VIDEO, MOVED_AUDIO),
          ),
  },
  {
    name: 'video and audio that change their PIDs with each other',
    change: (packets, n) =>
      n < 2
        ? packets
        : withTables(
            packets.map((packet) =>
              pidOf(packet) === SOUND_PID
                ? withPid(packet, PICTURE_PID)
                : moved(packet, PICTURE_PID, SOUND_PID),
            ),
            list([1, MAP_PID]),
            map({ ...VIDEO, pid: SOUND_PID }, { ...AUDIO, pid: PICTURE_PID }),
          ),
  },
  {
    name: 'another program number and PID of the map with a chunk',
    change: (packets, n) =>
      n < 2
        ? packets
        : withTables(
            packets.map((packet) => moved(packet, PICTURE_PID, 0x120)),
            tablePackets(0, [programList([[7, 0x1005]], { version: 1 })]),
            tablePackets(0x1005, [programMap(7, [MOVED_VIDEO, AUDIO])]),
          ),
  },
  ...[0, 30].map((late) => ({
    name: `PIDs that change within a chunk, with a map ${late} packets later`,
    change: (packets: Buffer[], n: number) => (n === 1 ? movingWithin(packets, late) : packets),
  })),
  {
    name: 'every packet twice',
    change: (packets) => packets.flatMap((packet) => [packet, packet]),
  },
  {
    name: 'every seventh packet twice, with null packets between',
    change: (packets) =>
      packets.flatMap((packet, n) => (n % 7 ? [packet] : [packet, NULL_PACKET, packet])),
  },
  { name: 'packets of 192 bytes', change: (packets) => withStride(packets, 192) },
  { name: 'packets of 204 bytes', change: (packets) => withStride(packets, 204) },
  {
    name: 'rubbish before the first packet',
    change: (packets, n) => Buffer.concat([Buffer.alloc(100 + n * 57, 0x47 + n), ...packets]),
    warnings: ['DAMAGE_CONCEALED'],
  },
  {
    name: 'rubbish between packets',
    change: (packets) => {
      const middle = packets.length >> 1;
      // A packet that something strange follows is not trusted.
      const rubbish = [NULL_PACKET, Buffer.alloc(333, 0x11)];
      return Buffer.concat([...packets.slice(0, middle), ...rubbish, ...packets.slice(middle)]);
    },
    warnings: ['DAMAGE_CONCEALED'],
  },
  {
    name: 'a beginning within a packet of tables',
    change: (packets) => Buffer.concat(packets).subarray(50),
    warnings: ['DAMAGE_CONCEALED'],
  },
  {
    name: 'an end within a packet of nothing',
    change: (packets) => Buffer.concat([...packets, NULL_PACKET.subarray(0, 77)]),
    warnings: ['DAMAGE_CONCEALED'],
  },
  {
    name: 'a second audio stream that nobody asked for',
    change: (packets) =>
      withTables(
        packets.flatMap((packet) =>
          pidOf(packet) === SOUND_PID ? [packet, withPid(packet, 0x102)] : [packet],
        ),
        list([1, MAP_PID]),
        map(VIDEO, AUDIO, { ...AUDIO, pid: 0x102, descriptors: language('eng') }),
      ),
  },
  {
    name: 'a first video stream that never comes',
    change: (packets) => withTables(packets, list([1, MAP_PID]), map(MOVED_VIDEO, VIDEO, AUDIO)),
    warnings: ['TRACK_SUBSTITUTED'],
  },
  {
    name: 'a first video stream that never comes, and tables behind 40 packets',
    change: (packets) =>
      withLateTables(withTables(packets, list([1, MAP_PID]), map(MOVED_VIDEO, VIDEO, AUDIO)), 40),
    warnings: ['TRACK_SUBSTITUTED'],
  },
  {
    name: 'a first audio stream that never comes',
    change: (packets) =>
      withTables(packets, list([1, MAP_PID]), map(VIDEO, { ...AUDIO, pid: 0x102 }, AUDIO)),
    warnings: ['TRACK_SUBSTITUTED'],
  },
];

export const changedChunk = ({ change }: StreamCase, bytes: Buffer, n: number): Buffer => {
  const changed = change(packetsIn(bytes), n);
  return Buffer.isBuffer(changed) ? changed : Buffer.concat(changed);
};
