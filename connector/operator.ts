import { userInfo } from "node:os";

/** Returns the system's name of the user who runs the command. */
export function operator(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under a user id without a name.
    return `user ${process.getuid?.() ?? "unknown"}`;
  }
}
