fn lent() {}
