/** The first hour: there is no config yet. */
export function FirstHour() {
  return (
    <main class="sign">
      <h1>pipedrive-planhat</h1>
      <p class="now">
        There is no config yet. Run <code>pipedrive-planhat init</code> in this folder, then open this page again.
      </p>
    </main>
  );
}
