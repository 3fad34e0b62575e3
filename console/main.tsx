import { render } from "preact";
import { followLinks } from "./address.ts";
import { App } from "./app.tsx";
import "./tokens.css";
import "./console.css";

followLinks();
render(<App />, document.querySelector("#page")!);
