import type { FastifyReply } from "fastify";

/** Number of the last message of every stream. */
export const STREAM_END = "end";

/** A message of a stream of Server-Sent Events. */
export interface Message {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** Sends messages as they come, to their end. */
export async function sendStream(reply: FastifyReply, messages: AsyncIterable<Message>): Promise<void> {
  reply.sse.sendHeaders();
  // Node keeps them for the first message; a client is told at once that it was received, however long that takes.
  reply.raw.flushHeaders();
  await reply.sse.send(messages);
  reply.sse.close();
}
