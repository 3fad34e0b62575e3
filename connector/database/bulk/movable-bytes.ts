/**
 * Returns chunks (text in UTF-8) in one buffer that may be transferred to another thread: small Buffers share their
 * memory.
 */
export function movableBytes(chunks: Iterable<string | Buffer>): Uint8Array<ArrayBuffer> {
  const buffers = Array.from(chunks, (chunk) => (typeof chunk === "string" ? Buffer.from(chunk) : chunk));
  const bytes = new Uint8Array(buffers.reduce((length, buffer) => length + buffer.length, 0));
  let length = 0;
  for (const buffer of buffers) {
    bytes.set(buffer, length);
    length += buffer.length;
  }
  return bytes;
}
