import type { SegmentDocument, SentDocument } from './segment-document.ts';

/** A segment or subsegment in its place: under what called it, above what it called. */
export interface TraceNode {
  /** Without `subsegments`: they are children here, with those that were sent on their own. */
  document: Omit<SegmentDocument, 'subsegments'>;
  /** In the order of their start. */
  children: TraceNode[];
}

export interface Trace {
  traceId: string;
  /** Usually one; more when a caller was not traced or its segment has not arrived yet. */
  roots: TraceNode[];
}

/** Puts documents, in whatever order they came, together into traces, the earliest first. */
export function buildTraces(documents: readonly SentDocument[]): Trace[] {
  const byTrace = new Map<string, SentDocument[]>();
  for (const document of documents) {
    const members = byTrace.get(document.trace_id) ?? [];
    members.push(document);
    byTrace.set(document.trace_id, members);
  }
  return [...byTrace]
    .map(([traceId, members]) => ({ traceId, roots: buildTree(members) }))
    .sort((a, b) => startOf(a) - startOf(b));
}

/** All nodes of a tree, each before its children. */
export function* walk(nodes: readonly TraceNode[]): Generator<TraceNode> {
  for (const node of nodes) {
    yield node;
    yield* walk(node.children);
  }
}

function buildTree(documents: readonly SentDocument[]): TraceNode[] {
  const nodes = new Map<string, { node: TraceNode; parentId: string | undefined }>();
  const add = (whole: SegmentDocument, parentId: string | undefined): void => {
    const { subsegments, ...document } = whole;
    const known = nodes.get(whole.id)?.node.document;
    // A document is sent again when it ends: the finished one stays.
    if (known?.end_time === undefined || document.end_time !== undefined) {
      nodes.set(whole.id, { node: { document, children: [] }, parentId });
    }
    for (const subsegment of subsegments ?? []) add(subsegment, whole.id);
  };
  for (const document of documents) add(document, document.parent_id);

  const roots: TraceNode[] = [];
  for (const { node, parentId } of nodes.values()) {
    const parent = parentId === undefined ? undefined : nodes.get(parentId)?.node;
    (parent?.children ?? roots).push(node);
  }
  const byStart = (a: TraceNode, b: TraceNode) => a.document.start_time - b.document.start_time;
  for (const { node } of nodes.values()) node.children.sort(byStart);
  return roots.sort(byStart);
}

function startOf(trace: Trace): number {
  return trace.roots[0]?.document.start_time ?? 0;
}
