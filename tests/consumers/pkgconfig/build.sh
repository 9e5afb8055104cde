# SPDX-License-Identifier: Apache-2.0
g++ -std=c++20 app.cpp -o app $(pkg-config --cflags --libs kafka-asio kafka-asio-testing)
