/** Chunks (text in UTF-8) as one piece of memory that may be moved to another thread: small Buffers share theirs. */
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
