//! The server's gate over the ways by which pushes come, all on the loopback.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::{Place, accepted, refused};

/// A server that goes when the test does.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A port that nobody listens on now.
fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn wait_for(port: u16) {
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(begun.elapsed() < Duration::from_secs(20), "nobody listens on port {port}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A server with its gate, and a client that has none.
fn server() -> Place {
    let place = Place::new("");
    std::fs::remove_file(place.repo.path().join(".git/hooks/pre-push")).unwrap();
    place.hook(&place.remote, "pre-receive");
    place.repo.git(["config", "--global", "safe.directory", "*"]);
    place
}

/// What is Bob's goes through, what is Ada's does not.
fn pushes(place: &Place, url: &str) {
    place.repo.git(["remote", "set-url", "origin", url]);
    let bob = place.commit("bob", "a.rs", "his\n");
    accepted(&place.push(&["origin", "main"]));
    let ada = place.commit("ada", "b.rs", "hers\n");
    let pushed = place.push(&["origin", "main"]);
    refused(&pushed, &format!("commit {ada}"));
    refused(&pushed, "b.rs, lines 1 of 1");
    assert_eq!(place.remote_ref("main"), Some(bob));
}

#[test]
fn by_file() {
    let place = server();
    pushes(&place, &format!("file://{}", super::shown(&place.remote)));
}

#[test]
fn by_git_daemon() {
    let place = server();
    let port = port();
    let mut daemon = place.repo.command("git");
    daemon.args(["daemon", "--export-all", "--enable=receive-pack", "--listen=127.0.0.1", "--reuseaddr"]);
    daemon.arg(format!("--port={port}"));
    daemon.arg(format!("--base-path={}", super::shown(place.remote.parent().unwrap())));
    let _server =
        Server(daemon.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
    wait_for(port);
    pushes(&place, &format!("git://127.0.0.1:{port}/remote.git"));
}

/// A web server in a few lines, which runs `git http-backend` as Apache and nginx do.
const WEB_SERVER: &str = r#"
import http.server, os, subprocess, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length") or 0)
        environment = dict(os.environ, GIT_PROJECT_ROOT=sys.argv[1], GIT_HTTP_EXPORT_ALL="1", PATH_INFO=path,
            QUERY_STRING=query, REQUEST_METHOD=self.command, REMOTE_USER="bob", REMOTE_ADDR="127.0.0.1",
            CONTENT_TYPE=self.headers.get("Content-Type") or "", CONTENT_LENGTH=str(length))
        if self.headers.get("Content-Encoding"):
            environment["HTTP_CONTENT_ENCODING"] = self.headers["Content-Encoding"]
        if self.headers.get("Git-Protocol"):
            environment["GIT_PROTOCOL"] = self.headers["Git-Protocol"]
        done = subprocess.run(["git", "http-backend"], input=self.rfile.read(length), env=environment, stdout=subprocess.PIPE)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        fields = [line.split(": ", 1) for line in head.decode().split("\r\n")]
        status = next((int(value.split()[0]) for name, value in fields if name == "Status"), 200)
        self.send_response(status)
        for name, value in fields:
            if name != "Status":
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    do_GET = do_POST = answer
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
"#;

#[test]
fn by_smart_http() {
    let place = server();
    let mut python = place.repo.command("python3");
    python.args(["-c", WEB_SERVER]).arg(place.remote.parent().unwrap());
    let mut server = Server(python.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap());
    let mut port = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut port).unwrap();
    pushes(&place, &format!("http://127.0.0.1:{}/remote.git", port.trim()));
}
