fn main() {
    hello();
    goodbye();
}
