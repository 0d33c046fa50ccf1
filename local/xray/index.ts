import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { checkDocument, parseDatagram } from './segment-document.ts';
import { readSegments, SegmentStore } from './segment-store.ts';
import { buildTraces, type Trace, walk } from './trace.ts';

export interface XrayDaemonOptions {
  /** Holds `segments.jsonl`; what is there from earlier runs is found, too. */
  stateDir: string;
  /** UDP and TCP port on 127.0.0.1. Default 0: any that is free for both. */
  port?: number;
}

export interface TraceQuery {
  traceId?: string;
  /** All of these must stand on one segment or subsegment. */
  annotations?: Readonly<Record<string, string | number | boolean>>;
}

/** What stands for X-Ray's daemon and its service: takes segments, gives traces. */
export interface XrayDaemon {
  readonly port: number;
  /**
   * Stores a segment that did not come over the network.
   * @throws InvalidSegmentError
   */
  record(segment: object): void;
  /** The traces to which a query applies, whole, the earliest first. */
  find(query: TraceQuery): Promise<Trace[]>;
  close(): Promise<void>;
}

const HOST = '127.0.0.1';
/** A burst of large segments must not overrun the socket before we get to read it. */
const RECEIVE_BUFFER_BYTES = 4 * 1024 * 1024;
const MAX_PORT_TRIES = 20;

/**
 * Starts the daemon: UDP for segments, TCP on the same port for sampling rules.
 * @throws Error `EADDRINUSE` when the given port is taken
 */
export async function createXrayDaemon(options: XrayDaemonOptions): Promise<XrayDaemon> {
  const store = new SegmentStore(options.stateDir);
  const { udp, tcp, port } = await bindBoth(options.port ?? 0);
  udp.on('message', (datagram) => {
    try {
      store.add(parseDatagram(datagram));
    } catch (error) {
      console.error(`The X-Ray daemon ignored a datagram: ${error}`);
    }
  });
  return {
    port,
    record: (segment) => store.add(checkDocument(segment)),
    async find(query) {
      await store.flush();
      const traces = buildTraces(await readSegments(options.stateDir));
      return traces.filter((trace) => matches(trace, query));
    },
    async close() {
      udp.close();
      tcp.close();
      tcp.closeAllConnections();
      await store.flush();
    },
  };
}

function matches(trace: Trace, { traceId, annotations }: TraceQuery): boolean {
  if (traceId !== undefined && trace.traceId !== traceId) return false;
  const wanted = Object.entries(annotations ?? {});
  return [...walk(trace.roots)].some(({ document }) =>
    wanted.every(([key, value]) => document.annotations?.[key] === value),
  );
}

/** An SDK knows one address for both protocols, so a free UDP port counts only if TCP has it, too. */
async function bindBoth(port: number): Promise<{ udp: Socket; tcp: Server; port: number }> {
  for (let tries = 1; ; tries++) {
    const udp = createSocket({ type: 'udp4', recvBufferSize: RECEIVE_BUFFER_BYTES });
    const tcp = samplingServer();
    try {
      udp.bind(port, HOST);
      await once(udp, 'listening');
      const bound = (udp.address() as AddressInfo).port;
      tcp.listen(bound, HOST);
      await once(tcp, 'listening');
      return { udp, tcp, port: bound };
    } catch (error) {
      udp.close();
      if (port !== 0 || tries === MAX_PORT_TRIES) throw error;
    }
  }
}

/**
 * The daemon's TCP side. In Lambda the SDK does not ask, because Lambda decides; elsewhere it polls
 * for rules, and without any falls back to its own.
 */
function samplingServer(): Server {
  const answers: Record<string, object> = {
    '/GetSamplingRules': { SamplingRuleRecords: [] },
    '/SamplingTargets': {
      SamplingTargetDocuments: [],
      LastRuleModification: 0,
      UnprocessedStatistics: [],
    },
  };
  return createServer((request, response) => {
    const answer = answers[request.url ?? ''];
    request.resume();
    response.writeHead(answer ? 200 : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer ?? { message: 'Not an operation of the X-Ray daemon.' }));
  });
}
